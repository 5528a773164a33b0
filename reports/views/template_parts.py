"""Parts of a draft template: its head, its local facts, one block added, changed, moved, removed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from metrics.views.indicators import posted_number
from reports.choices import TEMPLATE_KINDS, BlockKind
from reports.picker import load_reference
from reports.services import (
    EditConflict,
    add_template_block,
    move_template_block,
    remove_template_block,
    save_template_block,
    save_template_facts,
    save_template_head,
)
from reports.template_content import block_of, facts_of, label_of
from reports.template_forms import FactsForm, TemplateBlockForm, TemplateHeadForm
from reports.template_names import load_names
from reports.views.templates import head_context, kept_template, visible_template
from workflow.form_keys import form_key
from workflow.transitions import Refused


def _page(request, name: str, template, form, status: int = 200, **more):
    status = 422 if form.errors and status == 200 else status
    return render(request, f"reports/{name}.html", {**head_context(request, template), "form": form, **more}, status=status)


def _again(request, form_class, **options):
    """Return the form with what was typed, seen anew: saving it now replaces what somebody else stored."""
    typed = request.POST.copy()
    typed["seen"] = form_class(**options).initial["seen"]
    return form_class(typed, **options)


def _template_url(template, anchor: str) -> str:
    return f"{reverse('reports:template_detail', args=[template.pk])}#{anchor}"


@require_http_methods(["GET", "HEAD", "POST"])
def template_head(request, pk):
    """Change name, profile and the lines of the head."""
    template = kept_template(request, pk)
    options = {"template": template, "names": load_names(template)}
    form = TemplateHeadForm(request.POST or None, **options)
    if not form.is_valid():
        return _page(request, "template_head", template, form)
    values = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
    try:
        save_template_head(by=request.user, template=template, values=values, seen=form.cleaned_data["seen"])
    except EditConflict as conflict:
        stored = visible_template(request, pk)
        again = _again(request, TemplateHeadForm, **{**options, "template": stored})
        return _page(request, "template_head", stored, again, 409, conflict=str(conflict))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, "template_head", template, form, 409)
    messages.success(request, _("Saved."))
    return redirect(_template_url(template, "head"))


@require_http_methods(["GET", "HEAD", "POST"])
def template_facts(request, pk):
    """Change the local facts: what only the district knows."""
    template = kept_template(request, pk)
    form = FactsForm(request.POST or None, template=template)
    if not form.is_valid():
        return _page(request, "template_facts", template, form)
    try:
        save_template_facts(by=request.user, template=template, facts=form.facts, seen=form.cleaned_data["seen"])
    except EditConflict as conflict:
        stored = visible_template(request, pk)
        more = {"conflict": str(conflict), "stored": facts_of(stored.content)}
        return _page(request, "template_facts", stored, _again(request, FactsForm, template=stored), 409, **more)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, "template_facts", template, form, 409)
    messages.success(request, _("Saved."))
    return redirect(_template_url(template, "facts"))


def _block_page(request, template, form, names, status: int = 200, **more):
    more |= {"part": form.block, "kind_label": BlockKind(form.kind).label, "picker": load_reference(names),
             "facts": facts_of(template.content)}  # fmt: skip
    return _page(request, "template_block", template, form, status, **more)


@require_http_methods(["GET", "HEAD", "POST"])
def template_block_create(request, pk):
    """Add a block of a kind behind another."""
    template = kept_template(request, pk)
    kind, after = request.GET.get("kind", ""), request.GET.get("after", "")
    if kind not in dict(TEMPLATE_KINDS):
        raise Http404
    names = load_names(template)
    form = TemplateBlockForm(request.POST or None, block={"kind": kind}, names=names)
    if not form.is_valid():
        return _block_page(request, template, form, names, after=after)
    try:
        add_template_block(
            by=request.user, template=template, block=form.as_block(), after=after, form_key=form_key(request)
        )  # fmt: skip
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _block_page(request, template, form, names, 409, after=after)
    messages.success(request, _("Saved."))
    return redirect(_template_url(template, f"b-{after}" if after else "blocks"))


def visible_part(request, pk: int, key: str) -> tuple:
    """Return a template that the person keeps, and a block of it. Raises Http404."""
    template = kept_template(request, pk)
    block = block_of(template.content, key)
    if block is None:
        raise Http404
    return template, block


@require_http_methods(["GET", "HEAD", "POST"])
def template_block(request, pk, key):
    """Change a block: text, wordings with conditions, options."""
    template, block = visible_part(request, pk, key)
    names = load_names(template)
    form = TemplateBlockForm(request.POST or None, block=block, names=names)
    if not form.is_valid():
        return _block_page(request, template, form, names)
    try:
        save_template_block(by=request.user, template=template, block=form.as_block(), seen=form.cleaned_data["seen"])
    except EditConflict as conflict:
        stored = block_of(visible_template(request, pk).content, key) or block
        again = _again(request, TemplateBlockForm, block=stored, names=names)
        return _block_page(request, template, again, names, 409, conflict=str(conflict), stored=stored)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _block_page(request, template, form, names, 409)
    messages.success(request, _("Saved."))
    return redirect(_template_url(template, f"b-{key}"))


@require_POST
def template_block_move(request, pk, key):
    """Put a block one place up or down, or at the place that was typed."""
    template, _block = visible_part(request, pk, key)
    place = posted_number(request, "place", 1) + {"up": -1, "down": 1}.get(request.POST.get("to", ""), 0)
    return _done(request, template, key, lambda: move_template_block(by=request.user, template=template, key=key, place=place))


@require_POST
def template_block_remove(request, pk, key):
    """Take a block out of the draft."""
    template, block = visible_part(request, pk, key)
    words = _("“%(name)s” was removed.") % {"name": label_of(block)}
    return _done(
        request, template, "blocks", lambda: remove_template_block(by=request.user, template=template, key=key), words
    )  # fmt: skip


def _done(request, template, anchor: str, deed, words: str = ""):
    try:
        deed()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if words:
            messages.success(request, words)
    return redirect(_template_url(template, anchor if anchor == "blocks" else f"b-{anchor}"))
