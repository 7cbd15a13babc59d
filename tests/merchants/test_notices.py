"""Letters about work: only for those who asked, without a word of the shopper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from cs_portal.conversations.services import ask_for_person, assign
from cs_portal.core.errors import Invalid
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Role
from cs_portal.merchants.services.notices import choose_notices, notify
from tests.factories import make_conversation, make_member, make_merchant

NOW = timezone.now()
pytestmark = pytest.mark.urls("cs_portal.urls")


@pytest.fixture
def olaf(db: None) -> Iterator[Member]:
    merchant = make_merchant("mugs")
    member = make_member(merchant, Role.OPERATOR, name="Olaf")
    with scope(merchant=merchant):
        yield member


def test_nobody_is_told_unasked(olaf: Member) -> None:
    assert notify(kind="assigned", conversation=uuid4(), members=[olaf], by=None, now=NOW) == 0
    assert not Job.objects.exists()


def test_whoever_asked_gets_one_letter_with_the_way_there(olaf: Member) -> None:
    choose_notices(by=olaf, kinds=["assigned"], language="en", now=NOW)
    conversation = uuid4()
    for _ in range(2):
        notify(kind="assigned", conversation=conversation, members=[olaf], by=None, now=NOW)
    notify(kind="needs_person", conversation=conversation, members=None, by=None, now=NOW)
    run_due(["fast"], keep=False)
    assert [letter.to for letter in mail.outbox] == [[olaf.user.email]]
    assert "assigned to you" in mail.outbox[0].subject
    assert "/console/mugs/" in mail.outbox[0].body
    assert "/settings/notifications/" in mail.outbox[0].body


def test_ones_own_deeds_are_no_news(olaf: Member) -> None:
    choose_notices(by=olaf, kinds=["assigned"], language="en", now=NOW)
    assert notify(kind="assigned", conversation=uuid4(), members=[olaf], by=olaf, now=NOW) == 0


def test_a_person_is_needed_tells_all_reviewers_who_asked(olaf: Member) -> None:
    nina = make_member(olaf.merchant, Role.ANALYST)
    for member in (olaf, nina):
        choose_notices(by=member, kinds=["needs_person"], language="zh-hans", now=NOW)
    assert notify(kind="needs_person", conversation=uuid4(), members=None, by=None, now=NOW) == 1


def test_a_change_of_mind_or_leaving_stops_a_letter_that_waits(olaf: Member) -> None:
    choose_notices(by=olaf, kinds=["assigned"], language="en", now=NOW)
    notify(kind="assigned", conversation=uuid4(), members=[olaf], by=None, now=NOW)
    choose_notices(by=olaf, kinds=[], language="en", now=NOW)
    run_due(["fast"], keep=False)
    choose_notices(by=olaf, kinds=["assigned"], language="en", now=NOW)
    notify(kind="assigned", conversation=uuid4(), members=[olaf], by=None, now=NOW - timedelta(minutes=1))
    Member.objects.filter(pk=olaf.pk).update(removed_at=NOW)
    run_due(["fast"], keep=False)
    assert mail.outbox == []


@pytest.mark.parametrize(("kinds", "language"), [(["everything"], "en"), ([], "xx")])
def test_unknown_choices_are_refused(olaf: Member, kinds: list[str], language: str) -> None:
    with pytest.raises(Invalid):
        choose_notices(by=olaf, kinds=kinds, language=language, now=NOW)


def test_assigning_and_asking_for_a_person_write_the_letters(olaf: Member) -> None:
    ann = make_member(olaf.merchant, Role.ADMIN, name="Ann")
    choose_notices(by=olaf, kinds=["assigned", "needs_person"], language="en", now=NOW)
    conversation = make_conversation(olaf.merchant, texts=["marzipan"])
    assign(conversation_id=conversation.public_id, by=ann, to=olaf, now=NOW)
    ask_for_person(conversation_id=conversation.pk, now=NOW)
    run_due(["fast"], keep=False)
    letters = [letter for letter in mail.outbox if letter.to == [olaf.user.email]]
    assert len(letters) == 2
    assert all("marzipan" not in letter.body and "Li Wei" not in letter.body for letter in letters)
    assert all(f"/inbox/{conversation.public_id}/" in letter.body for letter in letters)
