"""Who uses the portal: users, the merchants they work for, and the storefronts that carry the chat."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.secrets import decrypt, encrypt, new_token
from cs_portal.core.tenancy import TenantModel


class Locale(models.TextChoices):
    EN = "en", _("English")
    ZH_HANS = "zh-hans", _("Simplified Chinese")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, by e-mail. What they may do hangs on their membership, not on the user."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.email


class Merchant(models.Model):
    """The tenant. ``is_demo`` marks the merchants of the demo store, the only ones that ``loaddemo`` may touch."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80, blank=True)
    timezone = models.CharField(max_length=50, default="Asia/Shanghai")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    def name_in(self, locale: str) -> str:
        return (self.name_zh or self.name) if locale == Locale.ZH_HANS else self.name


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    OPERATOR = "operator", _("Operator")
    ANALYST = "analyst", _("Analyst")


class Member(TenantModel):
    """A user's place in a merchant. Owners and admins configure, operators review, analysts read."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def may_review(self) -> bool:
        return self.role != Role.ANALYST

    @property
    def may_configure(self) -> bool:
        return self.role in {Role.OWNER, Role.ADMIN}


def _new_identity_secret() -> str:
    return encrypt(new_token())


class Storefront(TenantModel):
    """A site of the merchant that carries the chat.

    ``identity_secret_encrypted`` signs shoppers' identities in the shop's server; it is shown to admins only.
    """

    slug = models.SlugField()
    name = models.CharField(_("name"), max_length=80)
    locale = models.CharField(_("language"), max_length=10, choices=Locale, default=Locale.EN)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    accent = models.CharField(_("accent colour"), max_length=7, default="#2f6f4f")
    greeting_en = models.CharField(_("greeting in English"), max_length=200, blank=True)
    greeting_zh = models.CharField(_("greeting in Chinese"), max_length=200, blank=True)
    allowed_origins = models.JSONField(_("allowed origins"), default=list)
    identity_secret_encrypted = models.TextField(default=_new_identity_secret, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "slug"], name="one_storefront_slug")]

    def __str__(self) -> str:
        return self.name

    @property
    def identity_secret(self) -> str:
        return decrypt(self.identity_secret_encrypted)
