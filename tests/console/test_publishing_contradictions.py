"""What is about to be published says what it contradicts: the rules at once, other answers once they were compared."""

from __future__ import annotations

from datetime import timedelta

from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import Faq, QualityFinding
from cs_portal.knowledge.quality.kinds import Kind
from cs_portal.knowledge.selectors import faq_with_texts
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.lifecycle import publish_faq
from cs_portal.knowledge.services.quality import ignore_finding
from cs_portal.policies.engine import load_shipped
from tests.console.conftest import Cast
from tests.console.regression_desk import KNOWLEDGE, case, faq
from tests.factories import make_ruleset


def answering(cast: Cast, row: Faq, question: str, answer: str) -> Faq:
    with scope(merchant=cast.merchant):
        content = FaqContent({"en": LocaleText(question, answer)})
        return edit_faq(faq_id=row.public_id, by=cast.olaf, seen=row.latest, content=content, now=cast.now).faq


def asked_page(cast: Cast, row: Faq) -> str:
    client = cast.client(cast.olaf)
    page = client.post(f"{KNOWLEDGE}{row.public_id}/publish/", {"seen": str(row.latest)})
    run_due(["fast"], keep=False)
    return client.get(page.headers["Location"]).content.decode()


def test_what_a_change_contradicts_is_shown_before_it_is_published(cast: Cast) -> None:
    make_ruleset(cast.merchant, load_shipped("standard").to_dict())
    row = faq(cast, "Can I return it?")
    case(cast, "do you ship abroad", row)
    page = asked_page(cast, answering(cast, row, "Returns?", "You can return items within 60 days of delivery."))
    assert "Contradicts the rules" in page
    assert "60 days" in page
    assert "Publish anyway" in page
    with scope(merchant=cast.merchant):
        assert not QualityFinding.objects.exists()


def test_what_another_answer_says_is_shown_once_the_check_has_run(cast: Cast) -> None:
    row = faq(cast, "What is the return window?")
    case(cast, "do you ship abroad", row)
    with scope(merchant=cast.merchant):
        other = FaqContent({"en": LocaleText("How long can I return?", "Returns within 30 days.")})
        create_faq(by=cast.olaf, content=other, publish=True, now=cast.now)
    saved = answering(cast, row, "What is the return window?", "Returns are accepted for 14 days.")
    page = asked_page(cast, saved)
    assert "compared with this change in a moment" in page
    assert "Contradicts another answer" not in page
    later = cast.now + timedelta(minutes=1)
    run_due(["upkeep"], keep=False, clock=lambda: later)
    page = asked_page(cast, saved)
    assert "Contradicts another answer" in page
    assert "<mark>14 days</mark>" in page
    assert "Publish anyway" in page


def test_what_was_ignored_is_not_shown_again(cast: Cast) -> None:
    make_ruleset(cast.merchant, load_shipped("standard").to_dict())
    row = answering(cast, faq(cast, "Returns?"), "Returns?", "You can return items within 60 days of delivery.")
    case(cast, "do you ship abroad", row)
    assert "Contradicts the rules" in asked_page(cast, row)
    with scope(merchant=cast.merchant):
        publish_faq(faq_id=row.public_id, by=cast.olaf, seen=row.latest, now=cast.now)
    run_due(["upkeep"], keep=False, clock=lambda: cast.now + timedelta(minutes=1))
    with scope(merchant=cast.merchant):
        found = QualityFinding.objects.get(kind=Kind.RULES)
        ignore_finding(finding_id=found.public_id, by=cast.olaf, reason="a special offer", now=cast.now)
        row = faq_with_texts(row.public_id)
    page = asked_page(cast, answering(cast, row, "Your returns?", "You can return items within 60 days of delivery."))
    assert "Contradicts the rules" not in page
