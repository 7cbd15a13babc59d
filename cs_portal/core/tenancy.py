"""Every row of a merchant is reached within that merchant's scope, or not at all.

The scope itself is django-scopes'. Its managers let several unscoped queries pass (``exists``, ``bulk_create``,
``save``, traversal of a foreign key), so ours refuse when the query set is made, and serve as base managers, too:
Django goes through the base manager for ``save``, ``refresh_from_db`` and foreign keys.
"""

from __future__ import annotations

import uuid
from typing import Any, Self, TypeVar

from django.db import models
from django_scopes import ScopeError, get_scope, scope, scopes_disabled

__all__ = [
    "ForeignTenant",
    "ScopeError",
    "TenantManager",
    "TenantModel",
    "current_merchant",
    "scope",
    "scopes_disabled",
]

M = TypeVar("M", bound=models.Model)


class ForeignTenant(ScopeError):
    """A row of one merchant was about to be written within the scope of another."""


def current_merchant() -> Any:
    """The merchant whose scope is active; raises :class:`ScopeError` outside of any scope."""
    merchant = get_scope().get("merchant")
    if merchant is None:
        raise ScopeError("A merchant's rows were asked for outside of its scope.")
    return merchant


def _unscoped() -> bool:
    return get_scope().get("_enabled") is False


class TenantQuerySet(models.QuerySet[M]):
    """Rows of one merchant; bulk writes check each row's merchant."""

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[M]:
        rows = list(objs)
        for row in rows:
            row.check_tenant()
        return super().bulk_create(rows, *args, **kwargs)


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """Filters by the active merchant; raises :class:`ScopeError` where there is none."""

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = super().get_queryset()
        return rows if _unscoped() else rows.filter(merchant=current_merchant())


class TenantModel(models.Model):
    """A row that belongs to exactly one merchant. The outside sees ``public_id``; ``id`` gives the order of events."""

    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.CASCADE, related_name="+", editable=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def check_tenant(self) -> None:
        """Set the merchant from the scope, or refuse a row of another one."""
        if _unscoped():
            return
        merchant = current_merchant()
        if self.merchant_id is None:
            self.merchant = merchant
        elif self.merchant_id != merchant.pk:
            raise ForeignTenant(f"{type(self).__name__} of another merchant.")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.check_tenant()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.check_tenant()
        return super().delete(*args, **kwargs)

    @classmethod
    def by_public_id(cls, public_id: uuid.UUID | str) -> Self:
        """The row of the active merchant, or :class:`~cs_portal.core.errors.NotFound`."""
        from cs_portal.core.errors import NotFound

        row = cls.objects.filter(public_id=public_id).first()
        if row is None:
            raise NotFound
        return row
