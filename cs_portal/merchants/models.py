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


def default_business_hours() -> dict[str, list[list[str]]]:
    """Monday to Friday, nine to six."""
    return {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


class Merchant(models.Model):
    """The tenant. ``is_demo`` marks the merchants of the demo store, the only ones that ``loaddemo`` may touch.

    ``business_hours`` are spans of local time per day, ``{"mon": [["09:00", "18:00"]]}``; a day that is missing is
    closed. The reply targets count in business hours. ``retention_days`` null keeps conversations for ever.
    ``requires_mfa`` closes the console to members without a second factor. ``publishing_needs_approval``: what an
    operator publishes goes live once another member approved it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80, blank=True)
    timezone = models.CharField(max_length=50, default="Asia/Shanghai")
    support_email = models.EmailField(_("support e-mail"), blank=True)
    business_hours = models.JSONField(_("business hours"), default=default_business_hours)
    first_reply_minutes = models.PositiveIntegerField(_("first reply within (minutes)"), default=60)
    next_reply_minutes = models.PositiveIntegerField(_("next replies within (minutes)"), default=240)
    retention_days = models.PositiveIntegerField(_("keep conversations for (days)"), null=True, blank=True)
    requires_mfa = models.BooleanField(_("two-step sign-in for everybody"), default=False)
    publishing_needs_approval = models.BooleanField(default=False)
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
    """A user's place in a merchant. Owners and admins configure, operators review, analysts read.

    Whoever left keeps the row, with ``removed_at``, so that what they did stays theirs; they may not enter any more.
    ``notifications`` says which letters they want, ``{"assigned": true, "language": "en"}``; nothing is sent unasked.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)
    notifications = models.JSONField(default=dict)
    last_visit_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def may_review(self) -> bool:
        return self.role != Role.ANALYST

    @property
    def may_be_assigned(self) -> bool:
        """Whether work can be given to them: they answer, and are still here."""
        return self.may_review and self.removed_at is None

    @property
    def may_configure(self) -> bool:
        return self.role in {Role.OWNER, Role.ADMIN}


def _new_identity_secret() -> str:
    return encrypt(new_token())


class Holiday(TenantModel):
    """A day on which the merchant is closed whatever the weekday."""

    date = models.DateField(_("date"))
    name = models.CharField(_("name"), max_length=80)

    class Meta(TenantModel.Meta):
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["merchant", "date"], name="one_holiday")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Position(models.TextChoices):
    RIGHT = "right", _("Bottom right")
    LEFT = "left", _("Bottom left")


class Look(models.TextChoices):
    SYSTEM = "system", _("As the shopper's system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Storefront(TenantModel):
    """A site of the merchant that carries the chat. ``hours`` null means the merchant's business hours.

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
    look = models.CharField(_("light or dark"), max_length=10, choices=Look, default=Look.SYSTEM)
    position = models.CharField(_("place of the launcher"), max_length=10, choices=Position, default=Position.RIGHT)
    launcher_text_en = models.CharField(_("launcher text in English"), max_length=40, blank=True)
    launcher_text_zh = models.CharField(_("launcher text in Chinese"), max_length=40, blank=True)
    hours = models.JSONField(_("hours"), null=True, blank=True)
    offline_notice_en = models.CharField(_("notice outside of hours, in English"), max_length=300, blank=True)
    offline_notice_zh = models.CharField(_("notice outside of hours, in Chinese"), max_length=300, blank=True)
    offers_person = models.BooleanField(_("offer a person in the chat"), default=True)
    asks_csat = models.BooleanField(_("ask for a rating after resolution"), default=True)
    quick_replies = models.JSONField(_("quick replies"), default=list)
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


class Invitation(TenantModel):
    """An e-mail address that may join. The link is signed and recomputed from ``nonce``; a new nonce ends the old link.

    Single use: ``accepted_at`` closes it, as ``revoked_at`` and ``expires_at`` do.
    """

    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=Role)
    nonce = models.CharField(max_length=64)
    language = models.CharField(max_length=10, choices=Locale, default=Locale.EN)
    invited_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.public_id}"


class ApiToken(TenantModel):
    """A bearer token for programs, kept as a hash; ``hint`` are its first characters, by which people know it."""

    name = models.CharField(_("name"), max_length=80)
    hint = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} {self.hint}…"


class WorkState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ShopperExport(TenantModel):
    """A file of everything held about a shopper, for a short while. ``shopper`` is the shopper's public id."""

    shopper = models.UUIDField()
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.WAITING)
    document = models.TextField(blank=True)
    requested_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["merchant", "shopper"], name="exports_of_shopper")]

    def __str__(self) -> str:
        return f"export {self.public_id}"


class ModelTrial(TenantModel):
    """A question that somebody asked the language model from the settings, and what it wrote; kept for a day."""

    question = models.TextField()
    language = models.CharField(max_length=10, choices=Locale, default=Locale.EN)
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.WAITING)
    answer = models.TextField(blank=True)
    violations = models.JSONField(default=list)
    model = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=200, blank=True)
    seconds = models.FloatField(null=True)
    asked_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"trial {self.public_id}"
