"""Threads between shoppers and a merchant."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import Shopper
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale, Member, Storefront


class ConversationState(models.TextChoices):
    OPEN = "open", _("Open")
    SNOOZED = "snoozed", _("Snoozed")
    RESOLVED = "resolved", _("Resolved")


class Handler(models.TextChoices):
    """Who answers: the bot drafts for review, or a person has taken over and the bot keeps quiet."""

    BOT = "bot", _("Bot, with review")
    PERSON = "person", _("A person")


class HandoverReason(models.TextChoices):
    ASKED_FOR_PERSON = "asked_for_person", _("Asked for a person")
    NO_KNOWLEDGE = "no_knowledge", _("No knowledge")
    UNSUPPORTED_REQUEST = "unsupported_request", _("Unsupported request")
    POLICY = "policy", _("Policy")
    TOOL_FAILURE = "tool_failure", _("Tool failure")
    LOW_CONFIDENCE = "low_confidence", _("Low confidence")
    INJECTION = "injection", _("Suspicious message")
    COMPLAINT = "complaint", _("Complaint")
    ANSWER = "answer", _("As the answer says")


class ResolvedBy(models.TextChoices):
    """``ASSUMED``: the shopper kept silent for a day after the last reply."""

    MEMBER = "member", _("A colleague")
    SHOPPER = "shopper", _("The shopper")
    ASSUMED = "assumed", _("Silence")


class WaitsFrom(models.Func):
    """``waiting_since``, or the end of days for who waits for nothing: a sort key that is never null.

    Written into the statement as it is, because an index on an expression serves nothing but the very same text.
    """

    arity = 1
    output_field = models.DateTimeField()
    template = "COALESCE(%(expressions)s, '2200-12-31 00:00:00')"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "COALESCE(%(expressions)s, '2200-12-31 00:00:00+00'::timestamptz)"
        return self.as_sql(compiler, connection, template=template, **context)


class Conversation(TenantModel):
    """``version`` grows with every message: a draft made on an older version is stale.

    ``waiting_since`` is when the oldest unanswered message of the shopper came, null once somebody answered.
    ``reply_due_at`` is when the answer to it is due by the business hours of the storefront; ``first_reply_*`` and
    ``next_replies_*`` keep what became of that promise. ``overdue_told_for`` is the last ``reply_due_at`` that passed
    and of which colleagues were told. ``preview`` and ``last_author`` are of the last message, so that lists need no
    second query.
    """

    storefront = models.ForeignKey(Storefront, on_delete=models.PROTECT, related_name="+")
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="conversations")
    state = models.CharField(max_length=10, choices=ConversationState, default=ConversationState.OPEN)
    locale = models.CharField(max_length=10, choices=Locale, default=Locale.EN)
    needs_person = models.BooleanField(default=False)
    email = models.EmailField(blank=True)
    version = models.PositiveIntegerField(default=0)
    shopper_seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    preview = models.CharField(max_length=160, blank=True)
    last_author = models.CharField(max_length=10, blank=True)

    handled_by = models.CharField(max_length=10, choices=Handler, default=Handler.BOT)
    assignee = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    claimed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    handover_reason = models.CharField(max_length=20, choices=HandoverReason, blank=True)
    handed_over_at = models.DateTimeField(null=True)
    bot_involved_at = models.DateTimeField(null=True)

    waiting_since = models.DateTimeField(null=True)
    reply_due_at = models.DateTimeField(null=True)
    first_reply_at = models.DateTimeField(null=True)
    first_reply_due_at = models.DateTimeField(null=True)
    first_person_reply_at = models.DateTimeField(null=True)
    overdue_told_for = models.DateTimeField(null=True)
    next_replies = models.PositiveIntegerField(default=0)
    next_replies_late = models.PositiveIntegerField(default=0)

    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=10, choices=ResolvedBy, blank=True)
    reopened_count = models.PositiveIntegerField(default=0)
    csat_asked_at = models.DateTimeField(null=True)
    csat_score = models.PositiveSmallIntegerField(null=True)
    csat_comment = models.CharField(max_length=500, blank=True)
    csat_answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["merchant", "state", "-last_message_at"], name="conversations_by_time"),
            models.Index(fields=["merchant", "state", "waiting_since"], name="conversations_waiting"),
            models.Index(
                models.F("merchant"),
                models.F("state"),
                WaitsFrom("waiting_since"),
                models.F("last_message_at").desc(),
                models.F("id").desc(),
                name="conversations_by_wait",
            ),
            models.Index(fields=["merchant", "assignee", "state", "-last_message_at"], name="conversations_assigned"),
            models.Index(fields=["merchant", "assignee", "-last_message_at"], name="conversations_of_assignee"),
            models.Index(fields=["merchant", "-last_message_at"], name="conversations_latest"),
            models.Index(fields=["merchant", "reply_due_at"], name="conversations_due"),
            models.Index(fields=["merchant", "created_at"], name="conversations_created"),
            models.Index(fields=["merchant", "shopper"], name="conversations_of_shopper"),
            models.Index(fields=["snoozed_until"], name="conversations_snoozed", condition=models.Q(state="snoozed")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(csat_score__isnull=True) | models.Q(csat_score__range=(1, 5)), name="csat_of_five"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Author(models.TextChoices):
    SHOPPER = "shopper", _("Shopper")
    OPERATOR = "operator", _("Operator")
    BOT = "bot", _("Bot")
    SYSTEM = "system", _("System")


class Message(TenantModel):
    """``client_id`` is the sender's own id of the message; sending it again is the same message.

    ``draft_key`` names the draft, or the :class:`OutgoingReply`, that a reply came from: it is sent at most once, by
    constraint. ``cards`` are references only, such as ``{"kind": "product", "id": "p-9"}`` or
    ``{"kind": "order", "number": "10533"}``; what a card shows is read when it is shown.

    ``request`` is the canonical request that the shopper confirmed in the chat's form, ``request_order`` the number of
    the order that it is about (none for a new one), ``confirmation`` what they were told would happen.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    author = models.CharField(max_length=10, choices=Author)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    attachments = models.JSONField(default=list)
    cards = models.JSONField(default=list)
    client_id = models.CharField(max_length=64, null=True)
    draft_key = models.UUIDField(null=True)
    request = models.JSONField(null=True)
    request_order = models.CharField(max_length=40, blank=True, default="")
    confirmation = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="one_message_per_client_id"),
            models.UniqueConstraint(fields=["draft_key"], name="one_message_per_draft"),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="messages_in_order"),
            models.Index(fields=["merchant", "created_at"], name="messages_created"),
        ]

    def __str__(self) -> str:
        return f"{self.author} {self.pk}"


class Photo(TenantModel):
    """A picture that a shopper sent, as we encoded it anew: JPEG, upright, without what the camera wrote into it.

    ``message`` is null until it is sent. ``token`` names the two files (large and small) in ``var/photos``; they are
    deleted with the row (:mod:`cs_portal.conversations.services.photos`).
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="photos")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="photos")
    token = models.CharField(max_length=32)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["token"], name="one_photo_per_token")]
        indexes = [
            models.Index(fields=["message", "id"], name="photos_of_message"),
            models.Index(fields=["created_at"], name="photos_unsent", condition=models.Q(message=None)),
        ]

    def __str__(self) -> str:
        return f"photo {self.public_id}"


class OutgoingReply(TenantModel):
    """A reply that an operator wrote themselves. The job ``reply:<public_id>`` posts it once the undo window closed.

    ``macro`` is the public id of the macro that it was written with, ``batch`` what that macro did: taking the reply
    back takes that back, too.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="outgoing")
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    cards = models.JSONField(default=list)
    macro = models.UUIDField(null=True)
    batch = models.UUIDField(null=True)
    execute_after = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["conversation", "-id"], name="outgoing_of_conversation")]

    def __str__(self) -> str:
        return f"reply {self.public_id}"


class Note(TenantModel):
    """An internal note. It never shares a table with what a shopper can read."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["conversation", "id"], name="notes_in_order")]

    def __str__(self) -> str:
        return f"note {self.pk}"


class ActivityKind(models.TextChoices):
    ASSIGNED = "assigned", _("Assigned")
    SNOOZED = "snoozed", _("Snoozed")
    WOKEN = "woken", _("Back from snooze")
    RESOLVED = "resolved", _("Resolved")
    REOPENED = "reopened", _("Reopened")
    HANDED_OVER = "handed_over", _("Handed over to a person")
    TAKEN_OVER = "taken_over", _("Taken over")
    GIVEN_BACK = "given_back", _("Given back to the bot")
    TAGGED = "tagged", _("Tagged")
    UNTAGGED = "untagged", _("Tag removed")
    CSAT = "csat", _("Rated")


class Activity(TenantModel):
    """What happened to a conversation besides messages, for its timeline and for the figures. ``data`` holds ids."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="activities")
    kind = models.CharField(max_length=15, choices=ActivityKind)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["conversation", "id"], name="activities_in_order"),
            models.Index(fields=["merchant", "kind", "created_at"], name="activities_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Tone(models.TextChoices):
    GREY = "grey", _("Grey")
    GREEN = "green", _("Green")
    BLUE = "blue", _("Blue")
    AMBER = "amber", _("Amber")
    RED = "red", _("Red")


class Tag(TenantModel):
    name = models.CharField(_("name"), max_length=40)
    tone = models.CharField(_("colour"), max_length=10, choices=Tone, default=Tone.GREY)

    class Meta(TenantModel.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="one_tag_name")]

    def __str__(self) -> str:
        return self.name


class ConversationTag(TenantModel):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["conversation", "tag"], name="one_tag_per_conversation")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.conversation_id}"


class SavedPlace(models.TextChoices):
    """Whose filters a saved view keeps."""

    INBOX = "inbox", _("Inbox")
    KNOWLEDGE = "knowledge", _("Knowledge")


class SavedView(TenantModel):
    """A named filter of a list: ``query`` is its URL's query string. Without a member all colleagues share it."""

    place = models.CharField(max_length=10, choices=SavedPlace, default=SavedPlace.INBOX)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class CannedReply(TenantModel):
    """A text that operators insert by ``/shortcut``. Variables: see :mod:`cs_portal.conversations.variables`."""

    shortcut = models.SlugField(_("shortcut"), max_length=40, allow_unicode=True)
    title = models.CharField(_("title"), max_length=80)
    text_en = models.TextField(_("text in English"), blank=True)
    text_zh = models.TextField(_("text in Chinese"), blank=True)
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["shortcut"]
        constraints = [models.UniqueConstraint(fields=["merchant", "shortcut"], name="one_canned_shortcut")]

    def __str__(self) -> str:
        return self.title


class Macro(TenantModel):
    """Several steps in one click: a text, tags, a state, an assignee. Steps that are null are left out."""

    name = models.CharField(_("name"), max_length=80)
    reply = models.ForeignKey(CannedReply, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    add_tags = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ConversationState, blank=True)
    snooze_hours = models.PositiveSmallIntegerField(null=True)
    assign_to_me = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="one_macro_name")]

    def __str__(self) -> str:
        return self.name


class SearchDocument(TenantModel):
    """What makes a conversation findable: the distinct tokens of its texts, with blanks between. See ``search``.

    The full-text index over ``tokens`` is kept by the database itself (migration ``0004_search``).
    """

    public_id = None  # type: ignore[assignment]
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True, related_name="+")
    tokens = models.TextField()

    def __str__(self) -> str:
        return f"tokens of {self.conversation_id}"
