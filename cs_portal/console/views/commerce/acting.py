"""Acting on an order by hand: a form, the rules' word and the plan, an explicit confirmation, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cs_portal.commerce.connectors.choice import supported_kinds
from cs_portal.commerce.models import ActionState, Order, OrderAction, Variant
from cs_portal.commerce.selectors import products_named
from cs_portal.console.feedback import done
from cs_portal.console.forms.order_actions import NEW_LINES, ActForm
from cs_portal.console.forms.settings import mark_errors
from cs_portal.console.presenters.order_actions import shown
from cs_portal.console.presenters.refusals import refusal
from cs_portal.console.presenters.rule_names import rule_names
from cs_portal.console.presenters.wording import ACTIONS, word
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.commerce.order_state import actions_context
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.drafting.services.by_hand import (
    Considered,
    Wish,
    act_by_hand,
    approve_proposal,
    check_again,
    close_open_return,
    consider,
    done_by_form,
    end_open_exchange,
    take_return_in,
    withdraw_proposal,
)

#: Variants that the form of a new order offers at most; the search finds the others.
OFFERED = 60


@require_http_methods(["GET", "HEAD", "POST"])
@reviewer
def order_act(request: ConsoleRequest, order_id: UUID, action_kind: str) -> HttpResponse:
    """``step`` leads from the form by its preview to the deed."""
    order = _order(order_id)
    if action_kind not in supported_kinds():
        raise NotFound
    if request.method != "POST":
        return _form_page(request, _form(request, order, action_kind))
    form = _form(request, order, action_kind)
    step = request.POST.get("step")
    if step == "change" or not form.is_valid():
        # The second click of a confirmation: what it asks for is not open any more, because it was done.
        known = done_by_form(key=_key(request), kind=action_kind, shopper=order.shopper) if step == "confirm" else None
        return _form_page(request, form) if known is None else _to_order(request, known, order)
    try:
        found = consider(wish=_wish(form), by=request.member, now=timezone.now())
    except Invalid as refusal:
        bare = _wish(form, override=False)
        found = consider(wish=bare, by=request.member, now=timezone.now())
        return _preview(request, form, found, error=str(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if request.POST.get("step") != "confirm":
        return _preview(request, form, found)
    return _confirmed(request, form, found)


def _confirmed(request: ConsoleRequest, form: ActForm, found: Considered) -> HttpResponse:
    try:
        action = act_by_hand(
            wish=_wish(form),
            by=request.member,
            key=_key(request),
            seen=request.POST.get("seen", ""),
            now=timezone.now(),
        )
    except Conflict as refusal:
        return _preview(request, form, found, error=str(refusal), status=HTTPStatus.CONFLICT)
    return _to_order(request, action, form.order)


def _to_order(request: ConsoleRequest, action: OrderAction, order: Order) -> HttpResponse:
    done(request, _told(action))
    shown_next = action.order or order
    return redirect("console:order", merchant=request.merchant.slug, order_id=shown_next.public_id)


@require_safe
@member_view
def order_actions(request: ConsoleRequest, order_id: UUID) -> HttpResponse:
    """The panel of actions again, while a shop has not answered."""
    context = actions_context(_order(order_id), member=request.member)
    return render(request, "console/commerce/order_actions.html", context)


@require_POST
@reviewer
def order_action_approve(request: ConsoleRequest, action_id: UUID) -> HttpResponse:
    return _settle(request, action_id, lambda row: approve_proposal(action=row, by=request.member, now=timezone.now()))


@require_POST
@reviewer
def order_action_withdraw(request: ConsoleRequest, action_id: UUID) -> HttpResponse:
    return _settle(request, action_id, lambda row: withdraw_proposal(action=row, by=request.member, now=timezone.now()))


@require_POST
@reviewer
def order_action_check(request: ConsoleRequest, action_id: UUID) -> HttpResponse:
    def check(row: OrderAction) -> OrderAction:
        check_again(action=row, by=request.member, now=timezone.now())
        return row

    return _settle(request, action_id, check)


@require_POST
@reviewer
def return_received(request: ConsoleRequest, return_id: UUID) -> HttpResponse:
    """The pieces of a return are here: what was promised for them goes back."""
    order = take_return_in(return_id=return_id, by=request.member, now=timezone.now())
    done(request, _("The return is here, and what was promised for it went back."))
    return redirect("console:order", merchant=request.merchant.slug, order_id=order.public_id)


@require_POST
@reviewer
def return_closed(request: ConsoleRequest, return_id: UUID) -> HttpResponse:
    """The pieces of a return never came."""
    order = close_open_return(return_id=return_id, by=request.member, now=timezone.now())
    done(request, _("The return is closed. Nothing was paid for it."))
    return redirect("console:order", merchant=request.merchant.slug, order_id=order.public_id)


@require_POST
@reviewer
def exchange_ended(request: ConsoleRequest, exchange_id: UUID) -> HttpResponse:
    """The new items of an exchange are on their way; the old ones are back to be sold, or not."""
    restock = request.POST.get("restock") == "1"
    order = end_open_exchange(exchange_id=exchange_id, restock=restock, by=request.member, now=timezone.now())
    done(request, _("The exchange is finished."))
    return redirect("console:order", merchant=request.merchant.slug, order_id=order.public_id)


def _settle(request: ConsoleRequest, action_id: UUID, settle: Callable[[OrderAction], OrderAction]) -> HttpResponse:
    row = OrderAction.objects.select_related("order__shopper", "shopper").filter(public_id=action_id).first()
    if row is None:
        raise NotFound
    row = settle(row)
    done(request, _told(row))
    order = row.order
    if order is None:
        return redirect("console:shopper", merchant=request.merchant.slug, shopper_id=row.shopper.public_id)
    return redirect("console:order", merchant=request.merchant.slug, order_id=order.public_id)


def _told(action: OrderAction) -> str:
    label = {"action": word(ACTIONS, action.kind)}
    match action.state:
        case ActionState.DONE:
            return _("%(action)s: done.") % label
        case ActionState.PROPOSED:
            return _("%(action)s: proposed. It waits here for somebody who may approve it.") % label
        case ActionState.UNKNOWN:
            return _("%(action)s: the shop is being asked what became of it.") % label
        case ActionState.REFUSED:
            return _("%(action)s: not carried out. %(why)s") % {**label, "why": refusal(action.error)}
        case _:
            return _("%(action)s: the shop is carrying it out.") % label


def _order(order_id: UUID) -> Order:
    rows = Order.objects.select_related("shopper").prefetch_related("lines", "payments", "refunds", "shipments")
    row = rows.filter(public_id=order_id).first()
    if row is None:
        raise NotFound
    return row


def _form(request: ConsoleRequest, order: Order, kind: str) -> ActForm:
    products = products_named(external_ids=[line.product for line in order.lines.all()])
    offered = _offered(request, order) if kind == "place_order" else []
    data = request.POST if request.method == "POST" else None
    return ActForm(data, kind=kind, order=order, products=products, offered=offered)


def _offered(request: ConsoleRequest, order: Order) -> list[Variant]:
    """Variants for sale in the order's currency: those chosen already, then what was searched for, else its own."""
    rows = Variant.objects.filter(product__status="active", currency=order.currency).select_related("product")
    chosen = [request.POST.get(f"new_{number}", "") for number in range(NEW_LINES)]
    words = (request.POST.get("q") or request.GET.get("q") or "").replace("\x00", "").strip()[:100]
    wanted = Q(product__external_id__in=[line.product for line in order.lines.all()])
    if words:
        wanted = Q(product__title_en__icontains=words) | Q(product__title_zh__icontains=words) | Q(external_id=words)
    found = rows.filter(wanted, stock__gt=0).order_by("product__title_en", "id")[:OFFERED]
    return list({row.pk: row for row in [*rows.filter(external_id__in=filter(None, chosen)), *found]}.values())


def _wish(form: ActForm, *, override: bool = True) -> Wish:
    data = form.cleaned_data
    placing = form.kind == "place_order"
    return Wish(
        kind=form.kind,
        request=form.request(),
        shopper=form.order.shopper,
        order=None if placing else form.order,
        reason=data["override_reason"].strip() if override else "",
        amount_minor=data["override_amount"] if override else None,
    )


def _key(request: ConsoleRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        raise Invalid(_("This form is incomplete. Open it again.")) from None


def _form_page(request: ConsoleRequest, form: ActForm) -> HttpResponse:
    wrong = form.is_bound and request.POST.get("step") != "change"
    mark_errors(form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "console/commerce/order_act.html", _context(request, form), status=status)


def _preview(
    request: ConsoleRequest, form: ActForm, found: Considered, *, error: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    names = rule_names(found.ruleset.document if found.ruleset else None, form.order.currency)
    context = _context(request, form) | {
        "view": shown(found, kind=form.kind, request=form.request(), member=request.member, names=names),
        "ruleset": found.ruleset,
        "seen": found.fingerprint,
        # A refused confirmation did nothing: the form goes on under a key of its own.
        "key": uuid4(),
        "error": error,
    }
    return render(request, "console/commerce/order_act_preview.html", context, status=status)


def _context(request: ConsoleRequest, form: ActForm) -> dict[str, Any]:
    return {
        "section": "commerce",
        "tab": "orders",
        "order": form.order,
        "form": form,
        "kind": form.kind,
        "label": word(ACTIONS, form.kind),
        "words": request.POST.get("q") or request.GET.get("q") or "",
    }
