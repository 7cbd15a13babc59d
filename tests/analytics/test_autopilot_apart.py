"""What autopilot approved is no decision of a person: neither review's figures nor those of FAQs count it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cs_portal.analytics.filters import Filters, decisions_of_people
from cs_portal.analytics.metrics import Rate
from cs_portal.analytics.periods import today
from cs_portal.analytics.selectors.home import day
from cs_portal.analytics.selectors.piloting import piloting
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import AutopilotSend, FaqHit, Review
from cs_portal.drafting.services.autopilot_sampling import judge_send
from tests.drafting.autopilot_desk import Pilot, run_sends
from tests.drafting.conftest import make_desk
from tests.factories import make_faq

pytestmark = pytest.mark.django_db


def test_figures_of_review_count_people_alone() -> None:
    desk = make_desk()
    with scope(merchant=desk.merchant):
        pilot = Pilot.ready(desk.merchant, desk.ann, state="on")
        faq = make_faq(desk.merchant)
        sent, decided = pilot.draft(), pilot.draft()
        for draft in (sent, decided):
            draft.candidates.update(links=[{"start": 0, "end": 3, "evidence": f"faq:{faq.public_id}:1"}])
        assert pilot.meet(sent, at=timezone.now()) is not None and run_sends(sent) == 1
        pilot.decide(decided, text="Something else.")
        assert Review.objects.count() == 2
        soon = timezone.now() + timedelta(minutes=2)
        filters = Filters(period=today(now=soon, zone=ZoneInfo(desk.merchant.timezone)))
        assert decisions_of_people(filters).count() == 1
        assert day(filters).unedited.n == 1
        assert FaqHit.objects.get(draft=sent).approved == 0


def test_what_autopilot_sent_is_told_with_how_people_judged_it() -> None:
    desk = make_desk()
    with scope(merchant=desk.merchant):
        pilot = Pilot.ready(desk.merchant, desk.ann, state="on")
        drafts = [pilot.draft() for _each in range(3)]
        for draft in drafts:
            assert pilot.meet(draft, at=timezone.now()) is not None and run_sends(draft) == 1
        pilot.decide(pilot.draft(), text="Something else.")
        first, second, _unjudged = AutopilotSend.objects.order_by("id")
        for send, judgement, reason in ((first, "right", ""), (second, "wrong", "tone")):
            judge_send(send_id=send.public_id, by=desk.ann, judgement=judgement, reason=reason, now=timezone.now())
        Review.objects.filter(executed_at=None).update(executed_at=timezone.now())
        soon = timezone.now() + timedelta(minutes=2)
        filters = Filters(period=today(now=soon, zone=ZoneInfo(desk.merchant.timezone)))
        found = piloting(filters)
        assert (found.sent, found.wrong) == (Rate(3, 4), Rate(1, 2))
        (rule,) = found.rules
        assert (rule.name, rule.sent, rule.wrong) == (pilot.rule.name, 3, Rate(1, 2))
        assert piloting(replace(filters, member=desk.olaf.pk)).rules == []
