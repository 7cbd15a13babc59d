"""Who works for which merchant, and the merchant's storefronts."""

from __future__ import annotations

from django.db.models import QuerySet

from cs_portal.core.tenancy import scopes_disabled
from cs_portal.merchants.models import Member, Storefront, User


def memberships_of(*, user: User) -> list[Member]:
    """The user's places in all merchants, by the merchant's name. The one question that crosses tenants."""
    with scopes_disabled():
        return list(Member.objects.filter(user=user).select_related("merchant").order_by("merchant__name", "id"))


def membership(*, user: User, slug: str) -> Member | None:
    """The user's place in the merchant ``slug``; ``None`` for a stranger as for a merchant that does not exist."""
    with scopes_disabled():
        return Member.objects.filter(user=user, merchant__slug=slug).select_related("merchant", "user").first()


def storefronts() -> QuerySet[Storefront]:
    return Storefront.objects.order_by("name", "id")
