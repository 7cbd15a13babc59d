"""What a question without a good answer is: one definition for the gaps, the home page and the figures."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from cs_portal.conversations.models import OutgoingReply
from cs_portal.drafting.models import Decision, Draft, DraftState, RejectReason, Review

#: Rejections that speak against the answer itself, and not against its tone, its language or the rules.
AGAINST_THE_ANSWER = (RejectReason.WRONG_FACT, RejectReason.INCOMPLETE, RejectReason.OUTDATED)
#: A draft that was edited so far (see ``Review.distance``) was not edited: a colleague wrote the reply.
REWRITTEN = 0.7
#: Small talk and wishes for a person say nothing of the knowledge, whatever a colleague made of the draft.
NO_QUESTION = ("greeting_thanks", "wants_a_person")
#: As an intent is stored; within a shopper's words the quotes would be escaped.
_PASSED_OVER = '"unanswered": true'


def unanswered(rows: QuerySet[Draft]) -> QuerySet[Draft]:
    """Those of ``rows`` whose question asked the knowledge and that nothing answered well.

    That is: no FAQ was above the threshold; or one of several questions was passed over; or an FAQ was, but the draft
    was rejected for what it said (:data:`AGAINST_THE_ANSWER`), or a colleague wrote the answer instead; or nothing of
    the shop's records was asked for and a colleague threw the draft's words away. A draft that a newer one replaced
    before anybody saw it counts with that one, and an attempt to misuse the bot is no question. Annotates ``rejected``,
    ``own_words`` and ``rewritten``.
    """
    against = Review.objects.filter(
        draft=OuterRef("pk"), decision=Decision.REJECTED, reason__in=AGAINST_THE_ANSWER, undone_at=None
    )
    written = OutgoingReply.objects.filter(
        conversation=OuterRef("conversation"), created_at=OuterRef("closed_at"), executed_at__isnull=False
    )
    anew = Review.objects.filter(
        draft=OuterRef("pk"), decision=Decision.EDITED, distance__gte=REWRITTEN, executed_at__isnull=False
    )
    found = rows.annotate(
        rejected=Exists(against),
        own_words=Exists(written),
        rewritten=Exists(anew),
        said=Cast("intents", TextField()),
    )
    found = found.exclude(state=DraftState.SUPERSEDED, opened_at=None, own_words=False).filter(injection=False)
    return found.filter(
        Q(answered=False)
        | Q(said__contains=_PASSED_OVER)
        | Q(answered=True, rejected=True)
        | Q(answered=True, own_words=True, state=DraftState.SUPERSEDED)
        | Q(answered=True, rewritten=True, request__isnull=True)
        | (Q(answered=None, rewritten=True, request__isnull=True, order=None) & ~Q(intent__in=NO_QUESTION))
    )
