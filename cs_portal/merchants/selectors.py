"""Who works for which merchant, and the merchant's storefronts."""

from __future__ import annotations

from django.db.models import Case, QuerySet, When

from cs_portal.core.tenancy import scopes_disabled
from cs_portal.merchants.models import Member, Role, Storefront, User


def memberships_of(*, user: User) -> list[Member]:
    """The user's places in all merchants, by the merchant's name. The one question that crosses tenants."""
    with scopes_disabled():
        return list(
            Member.objects.filter(user=user, removed_at=None)
            .select_related("merchant")
            .order_by("merchant__name", "id")
        )


def membership(*, user: User, slug: str) -> Member | None:
    """The user's place in the merchant ``slug``; ``None`` for a stranger as for a merchant that does not exist."""
    with scopes_disabled():
        places = Member.objects.filter(user=user, merchant__slug=slug, removed_at=None)
        return places.select_related("merchant", "user").first()


def members() -> QuerySet[Member]:
    """Who works for the active merchant now, owners first: what pickers of colleagues offer."""
    rank = Case(*(When(role=role, then=place) for place, role in enumerate(Role.values)), default=9)
    return Member.objects.filter(removed_at=None).select_related("user").order_by(rank, "user__name", "id")


def storefront_names() -> dict[str, str]:
    """What people call the merchant's storefronts, by the short name that orders carry."""
    return dict(Storefront.objects.values_list("slug", "name"))


def storefronts() -> QuerySet[Storefront]:
    return Storefront.objects.order_by("name", "id")
