"""Rows of the knowledge pages for the walk."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cs_portal.conversations.models import SavedPlace, SavedView
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import FaqImport, PublicationRequest, QualityFinding, QuestionTest
from cs_portal.knowledge.quality.kinds import Kind
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.regression_cases import add_case
from cs_portal.knowledge.services.regression_runs import start_run
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import make_member
from tests.security.gaps import gap_ids


def knowledge_ids(merchant: Merchant) -> dict[str, Any]:
    """A published FAQ with a change of it that can be undone, a question that was tried, and a case with a run."""
    now = timezone.now()
    member: Member = make_member(merchant, Role.OPERATOR)
    with scope(merchant=merchant):
        first, second = (FaqContent({"en": LocaleText("Mug?", answer)}) for answer in ("A mug", "Two mugs"))
        faq = create_faq(by=member, content=first, publish=True, now=now).faq
        change = edit_faq(faq_id=faq.public_id, by=member, seen=1, content=second, now=now)
        finding = QualityFinding.objects.create(
            kind=Kind.NEVER_HIT, faq=faq, fingerprint="mug", detail={"since": "2026-01-01"}, found_at=now
        )
        view = SavedView.objects.create(name="Mug", query="state=draft", place=SavedPlace.KNOWLEDGE)
        upload = FaqImport.objects.create(file_name="mugs.csv", format="csv", state="ready", created_at=now)
        test = QuestionTest.objects.create(question="Mug?", member=member, created_at=now)
        case = add_case(question="A mug?", faq_id=faq.public_id, by=member, now=now)
        run = start_run(by=member, now=now)
        waiting = PublicationRequest.objects.create(faq=faq, revision=2, asked_by=member, asked_at=now)
    return {
        **gap_ids(merchant, faq, member),
        "faq_id": faq.public_id,
        "change_id": change.change_id,
        "saved_id": view.public_id,
        "finding_id": finding.public_id,
        "test_id": test.public_id,
        "faq_import_id": upload.public_id,
        "format_name": "csv",
        "case_id": case.public_id,
        "asking_id": run.public_id,
        "approval_id": waiting.public_id,
    }
