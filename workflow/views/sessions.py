"""Signing in and out, and the own password. Every one leaves an Event, therefore they live here and not in accounts."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import FirstPasswordForm, NewPasswordForm, SignInForm
from accounts.services import SignInLocked
from workflow import session_services


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request):
    """Show and take the sign-in form."""
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    form = SignInForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/sign_in.html", {"form": form, "next": _next_page(request, "")})
    try:
        user = session_services.sign_in(request, **form.cleaned_data, address=client_address(request))
    except SignInLocked as lock:
        form.add_error(None, _locked_message(lock))
        return render(request, "accounts/sign_in.html", {"form": form, "next": _next_page(request, "")}, status=429)
    if user is None:
        form.add_error(None, _("Login name or password is wrong. Check capitals and the input method, then try again."))
        return render(request, "accounts/sign_in.html", {"form": form, "next": _next_page(request, "")})
    return redirect(_next_page(request))


def _next_page(request, default=None) -> str:
    """Return the page asked for before signing in, when it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    if wanted and is_ours:
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL) if default is None else default


def _locked_message(lock: SignInLocked) -> str:
    seconds = max((lock.until - timezone.now()).total_seconds(), 0)
    return _(
        "Too many failed tries. Signing in is possible again in %(minutes)d minutes (at %(time)s). "
        "If you forgot the password, ask the district administrator for a new one."
    ) % {"minutes": int(seconds // 60) + 1, "time": timezone.localtime(lock.until).strftime("%H:%M")}


def client_address(request) -> str:
    """Return the caller's address; behind our own proxy the one the proxy appended, never what the caller claims."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if getattr(settings, "SECURE_PROXY_SSL_HEADER", None) and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")


@require_POST
def sign_out(request):
    """End the session and let the browser forget what it kept of our pages. What waits to be sent stays in its storage."""
    session_services.sign_out(request)
    response = redirect(settings.LOGOUT_REDIRECT_URL)
    response["Clear-Site-Data"] = '"cache", "cookies"'
    return response


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request):
    """Choose a password: in place of a one-time one, or in place of the old one."""
    form_class = FirstPasswordForm if request.user.must_change_password else NewPasswordForm
    form = form_class(request.user, request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/password.html", {"form": form})
    session_services.change_password(by=request.user, password=form.cleaned_data["new_password1"])
    update_session_auth_hash(request, request.user)
    messages.success(request, _("The new password holds from now on. Other devices were signed out."))
    return redirect("workbench")
