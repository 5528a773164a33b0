"""Accounts of a district, for its administrator."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import check_can_manage_accounts
from workflow.account_services import create_account, disable_account, enable_account, reset_password
from workflow.form_keys import form_key
from workflow.forms import AccountForm


def visible_account(request, pk) -> User:
    """Return an account of the administrator's district. Raises PermissionDenied or Http404."""
    check_can_manage_accounts(request.user)
    return get_object_or_404(User.objects.visible_to(request.user).select_related("unit"), pk=pk)


@require_safe
def account_list(request):
    """List the district's accounts, with a search over login, name and unit."""
    check_can_manage_accounts(request.user)
    accounts = User.objects.visible_to(request.user).select_related("unit__parent").order_by("unit__code", "login")
    words = request.GET.get("q", "").strip()[:40]
    if words:
        matches = Q(login__icontains=words) | Q(display_name__icontains=words) | Q(unit__name__icontains=words)
        accounts = accounts.filter(matches | Q(unit__parent__name__icontains=words))
    page = Paginator(accounts, 25).get_page(request.GET.get("page"))
    return render(request, "workflow/account_list.html", {"page": page, "words": words})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account_create(request):
    """Make an account and show its one-time password, once: a form sent again is told that it was shown."""
    check_can_manage_accounts(request.user)
    form = AccountForm(request.user, request.POST or None)
    if not form.is_valid():
        return render(request, "workflow/account_create.html", {"form": form})
    try:
        account, password = create_account(by=request.user, **form.cleaned_data, form_key=form_key(request))
    except ValidationError as error:
        form.add_error(None, error)
        return render(request, "workflow/account_create.html", {"form": form})
    return render(request, "workflow/account_password.html", {"account": account, "password": password})


@never_cache
@require_POST
def account_reset(request, pk):
    """Give a new one-time password and show it, once."""
    account = visible_account(request, pk)
    password = reset_password(by=request.user, account=account)
    return render(request, "workflow/account_password.html", {"account": account, "password": password, "is_reset": True})


@require_POST
def account_disable(request, pk):
    """Close an account."""
    account = visible_account(request, pk)
    disable_account(by=request.user, account=account)
    messages.success(request, _("%(name)s can no longer sign in. What the account did stays under its name.") % {"name": account})
    return redirect("workflow:account_list")


@require_POST
def account_enable(request, pk):
    """Open an account again."""
    account = visible_account(request, pk)
    enable_account(by=request.user, account=account)
    messages.success(request, _("%(name)s can sign in again.") % {"name": account})
    return redirect("workflow:account_list")
