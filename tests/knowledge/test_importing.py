"""Files of FAQs: checked, confirmed, written in chunks, stopped, taken back; the same file twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.core.jobs import lease_next
from cs_portal.core.models import AuditEntry
from cs_portal.core.workers import run_due
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.formats.writing import FORMATS
from cs_portal.knowledge.imported import asked_since
from cs_portal.knowledge.models import Faq, FaqImport, FaqRevision, FaqState, RegressionRun
from cs_portal.knowledge.selectors import faq_with_texts, served_content, working_copy
from cs_portal.knowledge.services import import_runs
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.import_runs import apply_import, fail_import, forget_old_uploads
from cs_portal.knowledge.services.importing import (
    confirm_import,
    discard_import,
    match_again,
    match_columns,
    read_as,
    samples_of,
    start_import,
    stop_import,
)
from cs_portal.knowledge.services.lifecycle import archive_faq, publish_faq
from cs_portal.knowledge.services.regression_cases import add_case
from cs_portal.knowledge.services.undoing_imports import can_be_undone, undo_import
from cs_portal.merchants.models import Member, Merchant
from tests.knowledge.conftest import Shop

HEADER = "key,question_en,answer_en,question_zh,answer_zh\n"
MUGS = HEADER + "ship,Do you ship?,Yes.,寄吗,寄。\nwash,Can it be washed?,By hand.,,\n"


def _uploads() -> list[Path]:
    folder = Path(settings.VAR_DIR) / "imports"
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture(autouse=True)
def _no_uploads_stay() -> Iterator[None]:
    for path in _uploads():
        path.unlink()
    yield
    for path in _uploads():
        path.unlink()


def start(by: Member, data: str | bytes, name: str = "faq.csv") -> FaqImport:
    blocks = [data.encode() if isinstance(data, str) else data]
    return start_import(file_name=name, blocks=blocks, by=by, now=timezone.now())


def work() -> None:
    run_due(["bulk"], keep=False)


def imported(by: Member, data: str | bytes, *, publish: bool = False) -> FaqImport:
    run = start(by, data)
    confirm_import(run_id=run.public_id, publish=publish, by=by, now=timezone.now())
    work()
    run.refresh_from_db()
    return run


def counts(run: FaqImport) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.refused


def told(run: FaqImport) -> list[tuple[str, str, str, str]]:
    return [(n["kind"], n["code"], n["where"], n["item"]) for n in run.notices]


def content_of(key: str) -> FaqContent:
    return working_copy(faq_with_texts(Faq.objects.get(key=key).public_id))


def test_checking_says_what_would_happen_and_writes_nothing(shop: Shop) -> None:
    run = start(shop.olaf, MUGS + "bad,,Only an answer.,,\nship,Twice?,No.,,\n")
    assert (run.state, run.format, run.records, counts(run)) == ("ready", "csv", 4, (2, 0, 0, 2))
    assert [(n["kind"], n["code"], n["where"], n["item"], n["column"]) for n in run.notices] == [
        ("refused", "rule", "4", "bad", "question_en"),
        ("refused", "again", "5", "ship", "key"),
    ]
    assert run.notices[0]["params"]["en"] == "Write the question in at least one language."
    assert set(run.notices[0]["params"]) == {"en", "zh-hans"}
    assert run.counts == {"refused": 2, "refused_faqs": 2}
    assert [each["key"] for each in run.preview] == ["ship", "wash"]
    assert run.preview[0]["texts"]["zh-hans"] == {"question": "寄吗", "answer": "寄。", "phrasings": 0}
    assert not Faq.objects.exists()
    (upload,) = _uploads()
    assert upload.stat().st_mode & 0o777 == 0o600


def test_a_confirmed_file_arrives_as_drafts_and_twice_changes_nothing(shop: Shop) -> None:
    run = imported(shop.olaf, MUGS)
    assert (run.state, run.cursor, counts(run), run.token, _uploads()) == ("done", 2, (2, 0, 0, 0), "", [])
    assert list(Faq.objects.order_by("key").values_list("key", "state")) == [("ship", "draft"), ("wash", "draft")]
    assert content_of("ship").texts == {
        "en": LocaleText("Do you ship?", "Yes."),
        "zh-hans": LocaleText("寄吗", "寄。"),
    }
    revisions = FaqRevision.objects.values_list("number", "cause", "change_id", "member")
    assert set(revisions) == {(1, "imported", run.public_id, shop.olaf.pk)}
    assert counts(imported(shop.olaf, MUGS)) == (0, 0, 2, 0)
    assert counts(imported(shop.olaf, MUGS, publish=True)) == (0, 2, 0, 0)
    assert counts(imported(shop.olaf, MUGS, publish=True)) == (0, 0, 2, 0)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions[:5] == [
        *("faq_import.uploaded", "faq_import.confirmed", "faq.created", "faq.created", "faq_import.finished"),
    ]


def test_what_is_complete_goes_live_where_that_is_wished_and_the_rest_is_named(shop: Shop) -> None:
    run = imported(shop.olaf, HEADER + "ship,Do you ship?,Yes.,,\nopen,When do you open?,,,\n", publish=True)
    assert dict(Faq.objects.values_list("key", "state")) == {"ship": "published", "open": "draft"}
    assert told(run) == [("open", "answer_missing", "3", "open")]


def test_what_a_file_puts_live_is_asked_about_right_afterwards(shop: Shop) -> None:
    imported(shop.olaf, MUGS, publish=True)
    assert not RegressionRun.objects.exists()  # there is no case yet
    add_case(question="do you ship?", faq_id=Faq.objects.get(key="ship").public_id, by=shop.bob, now=shop.now)
    imported(shop.olaf, HEADER + "new,New?,Yes.,,\n")  # drafts
    imported(shop.olaf, MUGS, publish=True)  # changes nothing
    assert not RegressionRun.objects.exists()
    run = imported(shop.olaf, HEADER + "ship,Sending?,Yes.,,\n", publish=True)
    asked = asked_since(run)
    assert asked is not None and (asked.kind, asked.state, asked.member) == ("live", "waiting", shop.olaf)
    assert [asked] == list(RegressionRun.objects.all())
    run_due(["fast"], keep=False)
    asked.refresh_from_db()
    assert (asked.state, asked.done) == ("done", 1)


def test_a_run_that_ends_early_is_asked_about_where_something_went_live(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = create_faq(
        by=shop.bob, content=FaqContent({"en": LocaleText("Old?", "Yes.")}), publish=True, now=shop.now
    ).faq
    add_case(question="old?", faq_id=row.public_id, by=shop.bob, now=shop.now)
    early, late = (start(shop.olaf, _many(5)) for _number in range(2))
    for run in (early, late):
        confirm_import(run_id=run.public_id, publish=True, by=shop.olaf, now=timezone.now())
    stop_import(run_id=early.public_id, by=shop.bob, now=timezone.now())
    _stopped_after_two(late, shop, monkeypatch)
    early.refresh_from_db()
    assert [asked_since(run) is not None for run in (early, late)] == [False, True]
    FaqImport.objects.filter(pk=late.pk).update(state="running")
    fail_import(run_id=late.pk, now=timezone.now())
    assert RegressionRun.objects.count() == 2


def test_nothing_goes_live_by_a_file_where_a_second_pair_of_eyes_is_wanted(shop: Shop) -> None:
    Merchant.objects.filter(pk=shop.merchant.pk).update(publishing_needs_approval=True)
    run = imported(shop.olaf, MUGS, publish=True)
    assert (run.state, counts(run), set(Faq.objects.values_list("state", flat=True))) == (
        "done",
        (2, 0, 0, 0),
        {"draft"},
    )


def test_a_file_changes_what_it_says_and_keeps_what_it_leaves_out(shop: Shop) -> None:
    imported(shop.olaf, "key,question_en,answer_en,category,tags\nship,Do you ship?,Yes.,delivery,abroad; fast\n")
    run = imported(shop.olaf, "key,answer_en,question_zh,category\nship,Of course.,寄吗,\n")
    assert counts(run) == (0, 1, 0, 0)
    assert content_of("ship") == FaqContent(
        {"en": LocaleText("Do you ship?", "Of course."), "zh-hans": LocaleText("寄吗")},
        "delivery",
        tags=("abroad", "fast"),
    )


def test_what_is_live_stays_live_until_it_is_published(shop: Shop) -> None:
    imported(shop.olaf, MUGS, publish=True)
    run = imported(shop.olaf, HEADER + "ship,Do you ship?,Not today.,,\n")
    faq = faq_with_texts(Faq.objects.get(key="ship").public_id)
    assert (counts(run), faq.state, faq.has_unpublished_changes) == ((0, 1, 0, 0), FaqState.PUBLISHED, True)
    assert served_content(faq).text("en").answer == "Yes."
    assert content_of("ship").text("en").answer == "Not today."


def test_an_archived_faq_comes_back_as_a_draft(shop: Shop) -> None:
    imported(shop.olaf, MUGS)
    faq = Faq.objects.get(key="ship")
    archive_faq(faq_id=faq.public_id, by=shop.bob, seen=1, now=shop.now)
    assert counts(imported(shop.olaf, MUGS)) == (0, 1, 1, 0)
    assert Faq.objects.get(key="ship").state == FaqState.DRAFT


def test_a_file_without_keys_finds_the_faq_that_asks_the_same(shop: Shop) -> None:
    mine = FaqContent({"en": LocaleText("Do you ship abroad?", "No.")}, "delivery")
    faq = create_faq(by=shop.bob, content=mine, now=shop.now).faq
    run = imported(shop.olaf, "question,answer\ndo you ship abroad,Yes.\nWhere are you?,In Hangzhou.\n")
    assert (counts(run), Faq.objects.count()) == ((1, 1, 0, 0), 2)
    assert content_of(faq.key).text("en") == LocaleText("do you ship abroad", "Yes.")
    assert counts(imported(shop.olaf, "question,answer\ndo you ship abroad,Yes.\nWhere are you?,In Hangzhou.\n")) == (
        *(0, 0, 2, 0),
    )


def test_a_row_without_a_key_is_called_by_that_of_the_faq_that_it_changes(shop: Shop) -> None:
    mine = FaqContent({"en": LocaleText("Do you ship abroad?", "No.", ("Overseas?",))}, "delivery")
    faq = create_faq(by=shop.bob, content=mine, now=shop.now).faq
    run = start(shop.olaf, 'question,answer,phrasings\nDo you ship abroad,Yes.,"A?\na?"\n')
    assert told(run) == [("lost", "phrasings_twice", "2", faq.key)]
    assert run.preview[0]["key"] == faq.key


def test_what_is_unchanged_is_taken_as_no_draft(shop: Shop) -> None:
    unfinished = HEADER + "open,When do you open?,,,\n"
    assert told(imported(shop.olaf, unfinished)) == [("open", "answer_missing", "2", "open")]
    run = start(shop.olaf, unfinished)
    assert (run.state, counts(run), told(run), run.counts) == ("ready", (0, 0, 1, 0), [], {})
    run = imported(shop.olaf, unfinished)
    assert (counts(run), told(run), Faq.objects.get().latest) == ((0, 0, 1, 0), [], 1)


def test_notices_are_counted_and_so_are_their_faqs(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "CHUNK", 1)
    wrong = "key,question,valid_from,valid_until\na,A?,soon,later\nb,B?,soon,\nc,C?,,\n"
    for run in (start(shop.olaf, wrong), imported(shop.olaf, wrong)):
        assert run.refused == 2
        assert run.counts == {"refused": 3, "refused_faqs": 2, "open": 1, "open_faqs": 1}


def test_columns_of_any_name_are_matched_by_hand(shop: Shop) -> None:
    run = start(shop.olaf, "Frage,Antwort,Thema\nDo you ship?,Yes.,delivery\n")
    assert (run.state, run.headed, run.columns) == ("matching", False, ["", "", ""])
    read_as(run_id=run.public_id, language="auto", headed=True, encoding="utf-8", by=shop.olaf, now=shop.now)
    run.refresh_from_db()
    assert (run.state, run.columns, run.mapping) == ("matching", ["frage", "antwort", "thema"], ["", "", ""])
    assert samples_of(run) == [["Do you ship?", "Yes.", "delivery"]]
    for names, field in (
        (["question", "question", ""], "columns"),
        (["answer", "", ""], "columns"),
        (["question", "price", ""], "columns"),
        (["question"], "columns"),
    ):
        with pytest.raises(Invalid) as refusal:
            match_columns(run_id=run.public_id, names=names, by=shop.olaf, now=shop.now)
        assert refusal.value.field == field
    run = match_columns(run_id=run.public_id, names=["question", "answer", "category"], by=shop.olaf, now=shop.now)
    assert (run.state, counts(run), run.preview[0]["category"]) == ("ready", (1, 0, 0, 0), "delivery")
    assert match_again(run_id=run.public_id, by=shop.olaf).state == "matching"


def test_a_file_without_names_of_columns_is_taken_from_its_first_row(shop: Shop) -> None:
    run = start(shop.olaf, "Can I test ride bikes?,Of course!\nDo you rent bikes?,Yes.\n")
    assert (run.state, run.headed, run.mapping) == ("matching", False, ["question", "answer"])
    run = match_columns(run_id=run.public_id, names=["question", "answer"], by=shop.olaf, now=shop.now)
    assert (run.state, run.records) == ("ready", 2)


def test_another_language_is_read_without_matching_anew(shop: Shop) -> None:
    run = start(shop.olaf, "question,answer\nParcel 退货?,Yes\n")
    assert list(run.preview[0]["texts"]) == ["zh-hans"]
    run = read_as(run_id=run.public_id, language="en", headed=True, encoding="utf-8", by=shop.olaf, now=shop.now)
    assert (run.state, list(run.preview[0]["texts"])) == ("ready", ["en"])


def test_an_upload_that_is_not_wanted_is_forgotten(shop: Shop) -> None:
    run = discard_import(run_id=start(shop.olaf, MUGS).public_id, by=shop.olaf, now=shop.now)
    assert (run.state, run.token, _uploads()) == ("discarded", "", [])
    with pytest.raises(Conflict):
        confirm_import(run_id=run.public_id, publish=False, by=shop.olaf, now=shop.now)
    old = start(shop.olaf, MUGS)
    forget_old_uploads(now=timezone.now() + timedelta(days=8))
    old.refresh_from_db()
    assert (old.state, _uploads()) == ("discarded", [])


def test_those_who_only_read_import_nothing(shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        start(shop.nina, MUGS)
    run = start(shop.olaf, MUGS)
    for act in (discard_import, stop_import, undo_import):
        with pytest.raises(NotAllowed):
            act(run_id=run.public_id, by=shop.nina, now=shop.now)
    with pytest.raises(NotAllowed):
        confirm_import(run_id=run.public_id, publish=True, by=shop.nina, now=shop.now)
    assert not Faq.objects.exists()


def test_a_file_that_cannot_be_read_leaves_nothing_behind(shop: Shop) -> None:
    for data, words in (
        (b"", "empty"),
        (b"\xff\xfe\x00\xd8\x41\x00", "UTF-8"),
        (b"PK\x03\x04 broken", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
        ("key,question_en\nship,寄吗\n".encode("utf-16-be"), "UTF-8"),
    ):
        with pytest.raises(Invalid, match=words) as refusal:
            start(shop.olaf, data)
        assert refusal.value.field == "file"
    assert (FaqImport.objects.count(), _uploads()) == (0, [])


def test_one_nul_costs_its_own_row(shop: Shop) -> None:
    run = imported(shop.olaf, MUGS + "where,Whe\x00re?,Here.,,\n")
    assert (run.state, counts(run), told(run)) == ("done", (2, 0, 0, 1), [("refused", "not_storable", "4", "where")])
    assert run.notices[0]["column"] == "question_en"


def _many(count: int) -> str:
    return HEADER + "".join(f"k{n},Question number {n}?,Answer {n}.,,\n" for n in range(count))


def _stopped_after_two(run: FaqImport, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the first two FAQs of a confirmed file, and stop it then."""
    monkeypatch.setattr(import_runs, "CHUNK", 2)
    lease = lease_next(["bulk"], owner="w", now=timezone.now())
    while lease is not None and lease.payload["run"] != run.pk:
        apply_import(lease=lease, run_id=lease.payload["run"], clock=timezone.now)
        lease = lease_next(["bulk"], owner="w", now=timezone.now())
    assert lease is not None
    ticks = iter(range(100))

    def clock() -> object:
        if next(ticks) == 1:  # before the second chunk
            stop_import(run_id=run.public_id, by=shop.bob, now=timezone.now())
        return timezone.now()

    apply_import(lease=lease, run_id=run.pk, clock=clock)  # type: ignore[arg-type]
    run.refresh_from_db()


def test_a_run_is_stopped_between_two_chunks(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(shop.olaf, _many(5))
    confirm_import(run_id=run.public_id, publish=False, by=shop.olaf, now=timezone.now())
    _stopped_after_two(run, shop, monkeypatch)
    assert (run.state, run.cursor, counts(run), _uploads()) == ("stopped", 2, (2, 0, 0, 0), [])
    assert (Faq.objects.count(), can_be_undone(run)) == (2, True)


def test_a_killed_worker_leaves_whole_chunks_and_the_next_one_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_runs, "CHUNK", 2)
    run = start(shop.olaf, _many(5))
    confirm_import(run_id=run.public_id, publish=False, by=shop.olaf, now=timezone.now())
    lease = lease_next(["bulk"], owner="w", now=timezone.now())
    assert lease is not None
    ticks = iter(range(100))

    def clock() -> object:
        if next(ticks) == 2:
            raise KeyboardInterrupt
        return timezone.now()

    with pytest.raises(KeyboardInterrupt):
        apply_import(lease=lease, run_id=run.pk, clock=clock)  # type: ignore[arg-type]
    assert Faq.objects.count() == 4
    later = timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)
    run_due(["bulk"], keep=False, clock=lambda: later)
    run.refresh_from_db()
    assert (run.state, counts(run), Faq.objects.count()) == ("done", (5, 0, 0, 0), 5)


def test_an_import_is_taken_back_as_a_whole(shop: Shop) -> None:
    imported(shop.olaf, MUGS, publish=True)
    before = {key: content_of(key) for key in ("ship", "wash")}
    run = imported(shop.olaf, HEADER + "ship,Do you ship?,Not today.,,\nnew,New?,Yes.,,\n")
    undo_import(run_id=run.public_id, by=shop.bob, now=timezone.now())
    work()
    run.refresh_from_db()
    assert (run.state, run.conflicts) == ("undone", [])
    assert {key: content_of(key) for key in ("ship", "wash")} == before
    ship = Faq.objects.get(key="ship")
    assert (ship.state, ship.has_unpublished_changes) == (FaqState.PUBLISHED, False)
    assert not Faq.objects.filter(key="new").exists()
    assert undo_import(run_id=run.public_id, by=shop.bob, now=timezone.now()).state == "undone"
    assert AuditEntry.objects.filter(action="faq_import.undone").get().data == {"undone": 2, "removed": 1}


def test_what_an_import_put_before_shoppers_is_archived_and_not_removed(shop: Shop) -> None:
    run = imported(shop.olaf, MUGS, publish=True)
    undo_import(run_id=run.public_id, by=shop.olaf, now=timezone.now())
    work()
    assert set(Faq.objects.values_list("key", "state")) == {("ship", "archived"), ("wash", "archived")}
    assert counts(imported(shop.olaf, MUGS)) == (0, 2, 0, 0)


def test_a_conflict_is_named_and_nothing_is_taken_back(shop: Shop) -> None:
    run = imported(shop.olaf, MUGS)
    ship, wash = (Faq.objects.get(key=key) for key in ("ship", "wash"))
    said = content_of("ship")
    edited = replace(said, texts={**said.texts, "en": LocaleText("Do you ship?", "Yes, we do.")})
    edit_faq(faq_id=ship.public_id, by=shop.bob, seen=1, content=edited, now=shop.now)
    add_case(question="washable?", faq_id=wash.public_id, by=shop.bob, now=shop.now)
    undo_import(run_id=run.public_id, by=shop.olaf, now=timezone.now())
    work()
    run.refresh_from_db()
    assert run.state == "done"
    assert [(c["key"], c["why"]) for c in run.conflicts] == [("ship", "changed"), ("wash", "used")]
    assert (Faq.objects.count(), content_of("ship")) == (2, edited)
    publish_faq(faq_id=ship.public_id, by=shop.bob, seen=2, now=shop.now)


def test_what_is_exported_imports_again_unchanged(shop: Shop) -> None:
    imported(shop.olaf, MUGS, publish=True)
    faqs = [(faq.key, faq.state, content_of(faq.key)) for faq in Faq.objects.all()]
    for name, form in FORMATS.items():
        run = imported(shop.olaf, form.write(faqs).data)
        assert (name, run.format, counts(run), run.notices) == (name, name, (0, 0, 2, 0), [])


def test_a_large_file_is_checked_written_and_taken_back_by_a_worker(shop: Shop) -> None:
    lines = (json.dumps({"key": f"k{n}", "question_en": f"Q {n}?", "answer_en": "A " * 500}) for n in range(120))
    run = start(shop.olaf, "\n".join(lines))
    assert (run.state, run.preview) == ("checking", [])
    work()
    run.refresh_from_db()
    assert (run.state, run.records, counts(run)) == ("ready", 120, (120, 0, 0, 0))
    confirm_import(run_id=run.public_id, publish=False, by=shop.olaf, now=timezone.now())
    work()
    assert Faq.objects.count() == 120
    undo_import(run_id=run.public_id, by=shop.olaf, now=timezone.now())
    work()
    assert Faq.objects.count() == 0
