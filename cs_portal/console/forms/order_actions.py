"""What a colleague wants done with an order, from a form to a canonical request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.actions.pieces import left_for
from cs_portal.commerce.actions.promises import promises
from cs_portal.commerce.models import Order, OrderLine, PaymentMethod, Product, Shopper, Variant
from cs_portal.commerce.money import EXPONENTS, format_minor
from cs_portal.console.forms.settings import text_input
from cs_portal.console.presenters.policies import language
from cs_portal.policies.engine.phrase import in_language
from cs_portal.policies.engine.vocabulary import REASONS

ON_LINES = {"refund", "return", "exchange", "change_items", "resend", "cancel"}
TO_VARIANT = {"exchange", "change_items"}
WITH_REASON = {"refund", "return", "exchange", "cancel", "resend"}
WITH_METHOD = {"refund", "return", "exchange", "change_items", "change_payment", "place_order"}
WITH_ADDRESS = {"change_address", "place_order"}
WITH_PHOTO = {"refund", "return", "exchange", "resend"}
ADDRESS: Mapping[str, Any] = {
    "name": _("Name"),
    "line1": _("Street"),
    "line2": _("Street, second line"),
    "city": _("City"),
    "region": _("Region"),
    "postal_code": _("Postal code"),
    "country": _("Country"),
    "phone": _("Phone"),
}
#: Lines of a new order that one form holds.
NEW_LINES = 5


class ActForm(forms.Form):
    """The fields of one kind of action on one order. ``override_…`` set the rules aside, for admins."""

    override_reason = forms.CharField(required=False, max_length=300)
    override_amount = forms.DecimalField(required=False, min_value=Decimal("0.001"), max_digits=14)

    def __init__(
        self,
        *args: Any,
        kind: str,
        order: Order,
        products: Iterable[Product],
        offered: Iterable[Variant] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.order = kind, order
        self._held = promises(order).pieces
        self.lines = [line for line in order.lines.all() if self._left(line)] if kind in ON_LINES else []
        self._add_lines({product.external_id: product for product in products})
        if kind == "place_order":
            self._add_new_lines(list(offered))
        if kind == "refund":
            self.fields["amount"] = forms.DecimalField(
                label=_("Amount asked for"),
                required=False,
                min_value=Decimal("0.001"),
                max_digits=14,
                help_text=_(
                    "Empty leaves it to the rules. Without items it is some money back that settles none of them."
                ),
                widget=forms.NumberInput(attrs={"class": "form-control", "step": "any", "min": "0"}),
            )
        if kind in WITH_REASON:
            self.fields["reason"] = _choice(_("Reason"), [("", _("Not said")), *_reasons()])
        if kind in WITH_METHOD:
            self._add_method(order.shopper)
        if kind in WITH_ADDRESS:
            self._add_address(order)
        if kind in WITH_PHOTO:
            self.fields["photo"] = _check(_("The shopper sent a photo"))
        self.fields["confirmed"] = _check(_("The shopper agreed to exactly this"))

    @property
    def nothing_left(self) -> bool:
        """No piece of the order is one that the action could concern, any more."""
        return self.kind in ON_LINES and not self.lines

    @property
    def rows(self) -> list[tuple[OrderLine, int, Any, Any]]:
        """Lines with how many pieces are left, and their fields."""
        return [
            (
                line,
                self._left(line),
                self[f"quantity_{line.public_id}"],
                self[f"variant_{line.public_id}"] if self.kind in TO_VARIANT else None,
            )
            for line in self.lines
        ]

    @property
    def new_rows(self) -> list[tuple[Any, Any]]:
        if self.kind != "place_order":
            return []
        return [(self[f"new_{number}"], self[f"pieces_{number}"]) for number in range(NEW_LINES)]

    @property
    def address_fields(self) -> list[Any]:
        return [self[f"address_{part}"] for part in ADDRESS] if self.kind in WITH_ADDRESS else []

    @property
    def other_fields(self) -> list[Any]:
        return [self[name] for name in ("amount", "reason", "payment_method") if name in self.fields]

    @property
    def checks(self) -> list[Any]:
        return [self[name] for name in ("photo", "confirmed") if name in self.fields]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What was entered, for the hidden fields of the preview."""
        return [(name, str(self.data[name])) for name in self.fields if self.data.get(name) not in (None, "")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.nothing_left:
            self.add_error(None, _("Nothing is left of these items to act on."))
        elif self.kind in ON_LINES and not self._chosen(data) and not data.get("amount") and not self.errors:
            self.add_error(None, _("Choose at least one item."))
        if self.kind in TO_VARIANT:
            for line in self.lines:
                if data.get(f"quantity_{line.public_id}") and not data.get(f"variant_{line.public_id}"):
                    self.add_error(f"variant_{line.public_id}", _("Choose what it shall be."))
        if self.kind == "place_order" and not self._new(data) and not self.errors:
            self.add_error(None, _("Choose at least one product."))
        return data

    def clean_amount(self) -> int | None:
        return self._minor("amount")

    def clean_override_amount(self) -> int | None:
        return self._minor("override_amount")

    def request(self) -> dict[str, Any]:
        """The canonical request. All of an order's items in full are none named."""
        data = self.cleaned_data
        request: dict[str, Any] = {"action": self.kind, "confirmed": bool(data.get("confirmed"))}
        if self.kind in WITH_PHOTO:
            request["evidence"] = ["photo"] if data.get("photo") else []
        if data.get("reason"):
            request["reason"] = data["reason"]
        if self.kind in ON_LINES:
            chosen = self._chosen(data)
            # An amount without items is some of the order's money: it settles none of them.
            if chosen and (self.kind in TO_VARIANT or not self._whole(chosen)):
                request["lines"] = chosen
        if self.kind == "place_order":
            request["lines"] = self._new(data)
        if data.get("amount"):
            request["amount_minor"] = data["amount"]
        if data.get("payment_method"):
            request["payment_method"] = data["payment_method"]
        if self.kind in WITH_ADDRESS:
            request["address"] = {part: data[f"address_{part}"] for part in ADDRESS}
        return request

    def _left(self, line: OrderLine) -> int:
        return left_for(self.kind, line, self._held)

    def _minor(self, name: str) -> int | None:
        amount: Decimal | None = self.cleaned_data[name]
        if amount is None:
            return None
        minor = amount.scaleb(EXPONENTS.get(self.order.currency, 2))
        if minor != minor.to_integral_value():
            raise forms.ValidationError(_("This amount has too many decimals."), code="decimals")
        return int(minor)

    def _chosen(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = []
        for line in self.lines:
            if quantity := data.get(f"quantity_{line.public_id}"):
                wish = {"id": line.external_id, "quantity": quantity}
                if self.kind in TO_VARIANT:
                    wish["to_variant"] = data.get(f"variant_{line.public_id}") or ""
                found.append(wish)
        return found

    def _whole(self, chosen: list[dict[str, Any]]) -> bool:
        wanted = {wish["id"]: wish["quantity"] for wish in chosen}
        return all(wanted.get(line.external_id) == line.quantity for line in self.order.lines.all())

    def _new(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        chosen = [(data.get(f"new_{number}"), data.get(f"pieces_{number}") or 1) for number in range(NEW_LINES)]
        return [
            {"id": f"l-{position}", "quantity": quantity, "to_variant": variant}
            for position, (variant, quantity) in enumerate(((v, q) for v, q in chosen if v), start=1)
        ]

    def _add_lines(self, products: Mapping[str, Product]) -> None:
        whole = len(self.lines) == 1
        for line in self.lines:
            left = self._left(line)
            self.fields[f"quantity_{line.public_id}"] = _count(
                most=left, initial=left if whole or self.kind == "cancel" else 0
            )
            if self.kind in TO_VARIANT:
                product = products.get(line.product)
                variants = (
                    [each for each in product.variants.all() if each.external_id != line.variant] if product else []
                )
                choices = [("", _("Choose a variant")), *((each.external_id, _variant(each)) for each in variants)]
                self.fields[f"variant_{line.public_id}"] = _choice(_("Becomes"), choices)

    def _add_new_lines(self, offered: list[Variant]) -> None:
        choices = [("", _("No product")), *((each.external_id, _product(each)) for each in offered)]
        for number in range(NEW_LINES):
            self.fields[f"new_{number}"] = _choice(_("Product"), choices)
            self.fields[f"pieces_{number}"] = _count(most=99, initial=1)

    def _add_method(self, shopper: Shopper) -> None:
        methods = [
            (str(each["id"]), _method(each, self.order.currency)) for each in shopper.payment_methods if each.get("id")
        ]
        first = _("Paid later") if self.kind == "place_order" else _("The original payment")
        self.fields["payment_method"] = _choice(_("Payment method"), [("", first), *methods])

    def _add_address(self, order: Order) -> None:
        known = order.address or {}
        for part, label in ADDRESS.items():
            self.fields[f"address_{part}"] = forms.CharField(
                label=label,
                max_length=200,
                required=part in {"line1", "country"},
                initial=known.get(part, ""),
                widget=text_input(autocomplete="off"),
            )


def _reasons() -> list[tuple[str, str]]:
    return [(code, capfirst(in_language(text, language()))) for code, text in REASONS.items()]


def _variant(each: Variant) -> str:
    options = " · ".join(str(value) for value in each.options.values()) or each.external_id
    stock = _t("%(count)s in stock") % {"count": each.stock}
    return f"{options} — {format_minor(each.price_minor, each.currency)} — {stock}"


def _product(each: Variant) -> str:
    return f"{each.product.title_en or each.product.title_zh} — {_variant(each)}"


def _method(each: Mapping[str, Any], currency: str) -> str:
    method = str(each.get("method", ""))
    label = str(PaymentMethod(method).label) if method in PaymentMethod.values else method
    if (balance := each.get("balance_minor")) is not None:
        return f"{label} ({format_minor(balance, currency)})"
    return label


def _choice(label: Any, choices: list[tuple[Any, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=False, widget=forms.Select(attrs={"class": "form-select"})
    )


def _count(*, most: int, initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Pieces"),
        required=False,
        min_value=0,
        max_value=most,
        initial=initial,
        widget=forms.NumberInput(attrs={"class": "form-control pieces", "min": 0, "max": most}),
    )


def _check(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)
