"""Replies waiting for review: a draft, its candidates, the reviews of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import UNDER_WAY, Order, OrderAction
from cs_portal.conversations.models import Conversation, HandoverReason, Message
from cs_portal.core.tenancy import TenantModel
from cs_portal.drafting.edits import edit_distance
from cs_portal.knowledge.models import Faq
from cs_portal.merchants.models import Locale, Member, Storefront
from cs_portal.policies.models import RulesetVersion


class DraftState(models.TextChoices):
    READY = "ready", _("Waiting for review")
    APPROVED = "approved", _("Approved, being sent")
    SENT = "sent", _("Sent")
    SUPERSEDED = "superseded", _("Superseded")


class Draft(TenantModel):
    """A reply to the shopper's last message, with everything that it rests on.

    ``conversation_version``, ``order_version`` and ``ruleset`` say on what it was made; when one of them moved the
    draft is stale. ``opened_at`` freezes the order of candidates. ``reopened_because`` tells, per language, why a send
    came back. ``cards`` go out with the reply (see :class:`~cs_portal.conversations.models.Message`). ``answered`` is
    whether an FAQ answered the question above the threshold, null where knowledge was not asked. ``withheld`` is
    whether the verdict allows an action that the words do not promise, since the shop does not carry it out.
    ``confidence`` is the probability that an operator sends it unedited: ``prior``, corrected by the merchant's
    reviews; ``factors`` are the prior's parts (:mod:`bots.composing.confidence`). Old drafts have neither.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="draft")
    state = models.CharField(max_length=10, choices=DraftState, default=DraftState.READY)
    locale = models.CharField(max_length=10, choices=Locale)
    intent = models.CharField(max_length=30)
    intents = models.JSONField(default=list)
    entities = models.JSONField(default=list)
    confidence = models.FloatField()
    prior = models.FloatField(null=True)
    factors = models.JSONField(default=list)
    needs_person = models.BooleanField(default=False)
    injection = models.BooleanField(default=False)

    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+")
    request = models.JSONField(null=True)
    verdict = models.JSONField(null=True)
    override = models.JSONField(null=True)
    ruleset = models.ForeignKey(RulesetVersion, on_delete=models.PROTECT, null=True, related_name="+")
    evidence = models.JSONField(default=list)
    cards = models.JSONField(default=list)
    withheld = models.BooleanField(default=False)
    handover_reason = models.CharField(max_length=20, choices=HandoverReason, blank=True)
    answered = models.BooleanField(null=True)
    conversation_version = models.PositiveIntegerField()
    order_version = models.PositiveIntegerField(null=True)
    model_version = models.CharField(max_length=120, blank=True)

    selected = models.PositiveSmallIntegerField(default=1)
    generation = models.PositiveSmallIntegerField(default=1)
    model_state = models.CharField(max_length=20, default="waiting")
    #: What a model has written so far, unchecked; kept while it writes and somebody has the draft open.
    model_writing = models.TextField(blank=True)
    #: The code of why no wording came; the console has the words.
    model_note = models.CharField(max_length=120, blank=True)
    #: Each model that was tried, in order: name, model, made, failure (a code), seconds.
    model_attempts = models.JSONField(default=list)
    timings = models.JSONField(default=dict)
    claimed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    reopened_because = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(state__in=["ready", "approved"]),
                name="one_open_draft_per_conversation",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "state", "created_at"], name="drafts_awaiting_review"),
            models.Index(fields=["merchant", "created_at"], name="drafts_created"),
            models.Index(fields=["merchant", "intent", "conversation"], name="drafts_by_intent"),
        ]

    def __str__(self) -> str:
        return f"draft {self.public_id}"

    @property
    def reopened_reason(self) -> str:
        """Why the send came back, in the reader's language; empty when it did not."""
        texts: dict[str, str] = self.reopened_because
        return texts.get(get_language() or "en", texts.get("en", ""))

    @property
    def unanswered(self) -> list[str]:
        """The shopper's questions that the draft passes over."""
        return [intent["question"] for intent in self.intents if intent.get("unanswered")]

    @property
    def action_under_way(self) -> OrderAction | None:
        """What a remote shop was asked to do for this approved reply and has not answered yet; one query."""
        row: OrderAction | None = OrderAction.objects.filter(draft=self.public_id, state__in=UNDER_WAY).first()
        return row

    @property
    def standing_verdict(self) -> dict[str, Any]:
        """The verdict that counts: an admin's override, else the rules'."""
        return {**(self.verdict or {}), **(self.override or {})}


class DraftCandidate(TenantModel):
    """One alternative text. ``position`` is what the operator sees and picks by number.

    ``signals`` are what the score was mixed of (:class:`bots.types.Signals`); empty for those of older versions.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="candidates")
    generation = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=20)
    model = models.CharField(max_length=120)
    text = models.TextField()
    score = models.FloatField()
    signals = models.JSONField(default=dict)
    log_probability = models.FloatField(null=True)
    links = models.JSONField(default=list)
    violations = models.JSONField(default=list)
    seconds = models.FloatField(default=0)
    #: How an operator wanted it said (:class:`~cs_portal.drafting.models.Wish`); empty for the first ones.
    wish = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["draft", "generation", "position"], name="one_candidate_per_position")
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.source} {self.position}"


class Decision(models.TextChoices):
    APPROVED = "approved", _("Approved")
    EDITED = "edited", _("Edited")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded")
    OVERRIDDEN = "overridden", _("Verdict overridden")
    FIRST = "first", _("Approved as the first of two")


class RejectReason(models.TextChoices):
    WRONG_FACT = "wrong_fact", _("Wrong fact")
    WRONG_POLICY = "wrong_policy", _("Wrong policy")
    TONE = "tone", _("Tone")
    LANGUAGE = "language", _("Language")
    INCOMPLETE = "incomplete", _("Incomplete")
    OUTDATED = "outdated", _("Outdated")
    UNSAFE = "unsafe", _("Unsafe")
    OTHER = "other", _("Other")


class Review(TenantModel):
    """An operator's decision. An approval is carried out by the job ``send:<public_id>`` at ``execute_after``.

    ``ready_at``, ``intent`` and ``storefront`` are the draft's, which never change, ``confidence`` and ``prior`` those
    that it had when it was decided on (null in reviews of older versions), and ``distance`` tells how far an
    edit went from its candidate (0 to 1): kept here, so that figures read one narrow table. ``before`` is what a
    rejection changed, so that it can be taken back. ``plan`` is what an approval was told would happen
    (:mod:`cs_portal.commerce.actions.plan`). An approval without a member is autopilot's: ``autopilot`` names the
    rule that was on, and the ruleset's version and rule that allowed it.

    Where two people must agree, the first one's decision holds the fingerprint of what they agreed to in ``seen``, and
    the approval that follows names it as ``first``.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="reviews")
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision)
    reason = models.CharField(max_length=20, choices=RejectReason, blank=True)
    note = models.CharField(max_length=500, blank=True)
    candidate = models.ForeignKey(DraftCandidate, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(blank=True)
    execute_after = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField()
    intent = models.CharField(max_length=30)
    confidence = models.FloatField(null=True)
    prior = models.FloatField(null=True)
    storefront = models.ForeignKey(Storefront, on_delete=models.CASCADE, related_name="+")
    distance = models.FloatField(null=True)
    before = models.JSONField(null=True)
    plan = models.JSONField(null=True)
    autopilot = models.JSONField(null=True)
    seen = models.CharField(max_length=24, blank=True)
    first = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["draft"],
                condition=models.Q(decision__in=["approved", "edited"], undone_at__isnull=True),
                name="one_standing_approval",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "created_at"], name="reviews_created")]

    def __str__(self) -> str:
        return f"{self.decision} {self.pk}"

    def check_tenant(self) -> None:
        """Every way of writing comes by here, so the facts for the figures are taken here, too."""
        super().check_tenant()
        if self.ready_at is None:
            self.ready_at, self.intent = self.draft.created_at, self.draft.intent
            self.confidence, self.prior = self.draft.confidence, self.draft.prior
            self.storefront_id = self.draft.conversation.storefront_id
            if self.decision == Decision.EDITED and self.candidate is not None:
                self.distance = edit_distance(self.candidate.text, self.text)


class FaqHit(TenantModel):
    """A draft whose shown candidate rested on an FAQ, and what was decided on it. Kept by ``services.faq_hits``.

    ``approved``, ``edited`` and ``rejected`` are standing decisions on candidates that rested on it. ``at`` is when the
    draft was made.
    """

    public_id = None  # type: ignore[assignment]
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="faq_hits")
    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    approved = models.PositiveSmallIntegerField(default=0)
    edited = models.PositiveSmallIntegerField(default=0)
    rejected = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["draft", "faq"], name="one_hit_of_faq_per_draft")]
        indexes = [models.Index(fields=["faq", "-at"], name="faq_hits_by_time")]

    def __str__(self) -> str:
        return f"{self.draft_id} rests on {self.faq_id}"
