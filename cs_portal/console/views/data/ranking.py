"""Ranking and confidence: the weights with a live example, what reviews taught, and whether the confidence is true."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bots.composing.ranking import DEFAULT_WEIGHTS, SIGNALS, RankingWeights
from cs_portal.console.feedback import done
from cs_portal.console.presenters.ranking import example, signal_names, weight_lines
from cs_portal.console.presenters.reliability import decimal, points, reliability_view
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer, member_view, read_by_all
from cs_portal.core.errors import Invalid
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.assessing import weights_of_merchant
from cs_portal.drafting.models import ConfidenceCalibration, LearnedWeights, WeightsState
from cs_portal.drafting.ranked import chosen_example, correction, examples, last_learned, open_proposal
from cs_portal.drafting.services.ranking import (
    ask_for_learning,
    decide_on_learned,
    is_learning,
    reset_weights,
    save_weights,
)
from cs_portal.learning.reviews.calibration import LEAST, reliability
from cs_portal.learning.reviews.reading import Decided, decided
from cs_portal.learning.reviews.weights import LEAST_OF_EACH, enough


@read_by_all
def ranking(request: ConsoleRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    try:
        changed = save_weights(parts=_parts(request.POST), by=request.member, now=timezone.now())
    except Invalid as refusal:
        return _page(request, error=str(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    done(request, _("Saved. The next drafts are ranked by it.") if changed else _("Nothing changed."))
    return _back(request)


@require_safe
@member_view
def ranking_example(request: ConsoleRequest) -> HttpResponse:
    """The example as the weights of the query would rank it; nothing is saved."""
    try:
        weights = RankingWeights.of(_parts(request.GET))
    except (Invalid, ValueError):
        return render(request, "console/settings/ranking_example.html", {"no_weights": True})
    return render(request, "console/settings/ranking_example.html", _example(request, weights))


@require_POST
@configurer
def ranking_reset(request: ConsoleRequest) -> HttpResponse:
    changed = reset_weights(by=request.member, now=timezone.now())
    done(request, _("The defaults hold again.") if changed else _("Nothing changed."))
    return _back(request)


@require_POST
@configurer
def ranking_learn(request: ConsoleRequest) -> HttpResponse:
    asked = ask_for_learning(by=request.member, now=timezone.now())
    done(request, _("The reviews are being read. Load the page again in a moment.") if asked else _("Nothing changed."))
    return _back(request)


@require_POST
@configurer
def ranking_learned(request: ConsoleRequest, learned_id: UUID) -> HttpResponse:
    """Accept or decline what was learned."""
    accept = request.POST.get("accept") == "1"
    decide_on_learned(learned_id=learned_id, accept=accept, by=request.member, now=timezone.now())
    done(request, _("The learned weights hold from now on.") if accept else _("Declined. Your weights stay."))
    return _back(request)


def _back(request: ConsoleRequest) -> HttpResponse:
    return redirect("console:ranking", merchant=request.merchant.slug)


def _parts(given: QueryDict) -> dict[str, float]:
    """Whole numbers from 0 to 100; raises :class:`Invalid` for anything else."""
    parts = {}
    for name in SIGNALS:
        text = given.get(name, "0")
        if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100):
            raise Invalid(_("Every weight is a number from 0 to 100."), field=name)
        parts[name] = float(text)
    return parts


def _example(request: ConsoleRequest, weights: RankingWeights) -> dict[str, Any]:
    saved, drafts = weights_of_merchant(), examples()
    found = chosen_example(drafts, as_uuid(request.GET.get("draft", "")))
    return {
        "examples": drafts,
        "example": example(*found, weights, saved) if found else None,
        "shares": weight_lines(weights, DEFAULT_WEIGHTS),
    }


def _page(request: ConsoleRequest, *, error: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    weights, rows = weights_of_merchant(), decided()
    context = {
        "section": "settings",
        "setting": "ranking",
        "error": error,
        **_example(request, weights),
        "weights": weight_lines(weights, DEFAULT_WEIGHTS),
        "own_weights": weights != DEFAULT_WEIGHTS,
        **_learning(rows, weights),
        **_confidence(rows),
    }
    return render(request, "console/settings/ranking.html", context, status=status)


def _learning(rows: list[Decided], weights: RankingWeights) -> dict[str, Any]:
    proposal, last = open_proposal(), last_learned()
    return {
        "enough": enough(rows),
        "least": LEAST_OF_EACH,
        "learning": is_learning(),
        "proposal": _proposal(proposal, weights) if proposal else None,
        "not_better": last if last is not None and last.state == WeightsState.NOT_BETTER else None,
    }


def _proposal(row: LearnedWeights, weights: RankingWeights) -> dict[str, Any]:
    figures: Mapping[str, Any] = row.figures
    return {
        "id": row.public_id,
        "at": row.created_at,
        "reviews": figures["reviews"],
        "weights": weight_lines(RankingWeights.of(row.weights), weights),
        "told": [
            (_("Log loss"), decimal(figures["before"]["log_loss"]), decimal(figures["after"]["log_loss"])),
            (_("Brier score"), decimal(figures["before"]["brier"]), decimal(figures["after"]["brier"])),
            (_("AUC"), decimal(figures["before"]["auc"]), decimal(figures["after"]["auc"])),
        ],
        "held": signal_names(figures["held"]),
        "kept": signal_names(figures["kept"]),
    }


def _confidence(rows: list[Decided]) -> dict[str, Any]:
    told = [(row.confidence, row.unedited) for row in rows if row.confidence is not None]
    return {
        "reliability": reliability_view(reliability([each for each, _ in told], [right for _, right in told])),
        "correction": _correction(correction()),
        "calibrated_from": LEAST,
    }


def _correction(row: ConfidenceCalibration | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "at": row.fitted_at,
        "reviews": row.figures["reviews"],
        "ece_before": points(row.figures["ece_before"]),
        "ece_after": points(row.figures["ece_after"]),
    }
