"""Agents of Dialogflow ES, as they are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.content import FaqContent, LocaleText
from tests.knowledge.formats.agents import HOURS, replies, says, text, zipped
from tests.knowledge.formats.contents import contents_in, kept, taken

BIKES = Path(__file__).resolve().parents[4] / "shared" / "data" / "dialogflow_bike_shop" / "BikeShopAgent.zip"


def _agent(tmp_path: Path, files: dict[str, Any], *, prefix: str = "") -> tuple[dict[str, FaqContent], list[Any]]:
    shape, found = taken(kept(tmp_path, zipped(files, prefix=prefix)))
    assert shape.format == "dialogflow"
    told = [n for entry in found.entries for n in entry.notices] + list(found.notices)
    return contents_in(found), [(n.kind, n.code, n.item, dict(n.params)) for n in told]


@pytest.mark.parametrize("prefix", ["", "agent/", "exports/my agent/"])
def test_an_intent_becomes_an_faq_in_both_languages(prefix: str, tmp_path: Path) -> None:
    contents, told = _agent(tmp_path, HOURS, prefix=prefix)
    assert contents == {
        "Opening hours": FaqContent(
            {
                "en": LocaleText("When do you open?", "From 9 to 5.", ("hours please",)),
                "zh-hans": LocaleText("几点开门", "九点到五点"),
            }
        )
    }
    assert told == [("lost", "phrasings_twice", "Opening hours", {"count": 1})]


def test_marked_parts_of_a_phrase_are_put_together_and_their_entities_named(tmp_path: Path) -> None:
    parts = [
        {"text": "Can you "},
        {"text": "fix", "alias": "Job", "meta": "@Job", "userDefined": True},
        {"text": " my "},
        {"text": "road bike", "meta": "@sys.ignore"},
        {"text": "?"},
    ]
    files = {"intents/Fix - it.json": {"name": "Fix - it"}, "intents/Fix - it_usersays_en.json": says(parts)}
    contents, told = _agent(tmp_path, files)
    assert contents["Fix - it"].title == "Can you fix my road bike?"
    assert told == [
        ("lost", "annotations", "Fix - it", {"names": "@Job"}),
        ("open", "answer_missing", "Fix - it", {}),
    ]


def test_what_an_faq_has_no_place_for_is_named(tmp_path: Path) -> None:
    intent = {
        "name": "Book",
        "contexts": ["shop"],
        "events": [{"name": "WELCOME"}],
        "parentId": "x",
        "webhookUsed": True,
        "responses": replies(
            text(["Done.", "Booked."]),
            {"type": 1, "title": "card", "platform": "facebook", "lang": "en"},
            {"type": "suggestion_chips", "platform": "google", "lang": "en"},
            text("Fait.", lang="fr"),
            text("For Slack", platform="slack"),
            action="book.it",
            parameters=[{"name": "date"}],
            affectedContexts=[{"name": "booked", "lifespan": 5}],
        ),
    }
    files = {
        "intents/Book.json": intent,
        "intents/Book_usersays_en.json": says("Book it"),
        "intents/Book_usersays_fr.json": says("Réserve"),
        "intents/Book_usersays_zh-tw.json": says("預約"),
        "entities/Job.json": {"name": "Job"},
        "entities/Job_entries_en.json": [{"value": "fix"}, {"value": "service"}],
        "entities/Empty.json": {"name": "Empty"},
        "intents/Gone_usersays_en.json": says("Lost phrase"),
        "backup.zip": b"PK",
    }
    contents, told = _agent(tmp_path, files)
    assert contents == {"Book": FaqContent({"en": LocaleText("Book it", "Done.")})}
    assert sorted(told, key=str) == sorted(
        [
            ("lost", "message_kind", "Book", {"name": "card", "count": 1}),
            ("lost", "message_kind", "Book", {"name": "suggestion_chips", "count": 1}),
            ("lost", "answer_language", "Book", {"language": "fr", "count": 1}),
            ("lost", "wordings", "Book", {"count": 1}),
            ("lost", "platform_texts", "Book", {"count": 1}),
            ("lost", "other_language", "Book", {"language": "fr", "count": 1}),
            ("lost", "other_language", "Book", {"language": "zh-tw", "count": 1}),
            ("lost", "contexts_in", "Book", {"names": "shop"}),
            ("lost", "events", "Book", {"names": "WELCOME"}),
            ("lost", "follow_up", "Book", {}),
            ("lost", "fulfilment", "Book", {}),
            ("lost", "parameters", "Book", {"names": "date"}),
            ("lost", "contexts_out", "Book", {"names": "booked"}),
            ("lost", "dialogflow_action", "Book", {"names": "book.it"}),
            ("lost", "packed", "", {}),
            ("refused", "no_such_intent", "Gone", {}),
            ("lost", "entity", "Job", {"count": 2}),
            ("lost", "entity", "Empty", {"count": 0}),
        ],
        key=str,
    )


def test_a_fallback_is_no_faq_and_an_answer_without_phrases_is_called_by_its_name(tmp_path: Path) -> None:
    files = {
        "intents/Fallback.json": {"name": "Fallback", "fallbackIntent": True, "responses": replies(text("Pardon?"))},
        "intents/Parking.json": {"name": "Parking", "responses": replies(text("Behind the shop."))},
    }
    contents, told = _agent(tmp_path, files)
    assert contents == {"Parking": FaqContent({"en": LocaleText("Parking", "Behind the shop.")})}
    assert told == [
        ("open", "name_is_question", "Parking", {"language": "en"}),
        ("lost", "fallback", "Fallback", {"text": "Pardon?"}),
    ]


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("On $date at $time.original.", "$date, $time.original"),
        ("Okay, #booked.date.", "#booked.date"),
        ("It costs $50, see #1 or a@sys.de.", ""),
    ],
)
def test_an_answer_with_places_to_fill_never_goes_live_unread(answer: str, names: str, tmp_path: Path) -> None:
    files = {
        "intents/A.json": {"name": "A", "responses": replies(text(answer))},
        "intents/A_usersays_en.json": says("A?"),
    }
    _shape, found = taken(kept(tmp_path, zipped(files)))
    (entry,) = found.entries
    assert entry.draft is bool(names)
    assert [n.params["names"] for n in entry.notices] == ([names] if names else [])


def test_a_phrase_too_long_for_a_question_does_not_stand_for_the_others(tmp_path: Path) -> None:
    files = {"intents/A.json": {"name": "A"}, "intents/A_usersays_en.json": says("x" * 301, "Short?", "Shorter?")}
    contents, told = _agent(tmp_path, files)
    assert contents == {"A": FaqContent({"en": LocaleText("Short?", "", ("Shorter?",))})}
    assert ("lost", "phrasings_long", "A", {"count": 1, "limit": 300}) in told


def test_old_agents_keep_phrases_and_answers_within_the_intent(tmp_path: Path) -> None:
    intent = {"name": "Old", "userSays": says("hi there"), "responses": [{"speech": ["Hello.", "Hi."]}]}
    contents, told = _agent(tmp_path, {"intents/Old.json": intent})
    assert contents == {"Old": FaqContent({"en": LocaleText("hi there", "Hello.")})}
    assert told == [("lost", "wordings", "Old", {"count": 1})]


def test_a_broken_file_is_named_and_the_others_are_taken(tmp_path: Path) -> None:
    files = {**HOURS, "intents/Broken.json": "{", "intents/Twin.json": {"name": "Opening hours"}}
    contents, told = _agent(tmp_path, files)
    assert list(contents) == ["Opening hours"]
    refused = [(code, item) for kind, code, item, _params in told if kind == "refused"]
    assert refused == [("file_not_json", "Broken"), ("again", "Opening hours")]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"agent.json": {}}, "no intents"),
        ({"flows/Default/Default.json": {}, "intents/A/A.json": {}, "agent.json": {}}, "CX"),
        ({"a/intents/A.json": {}, "b/intents/A.json": {}}, "more than one"),
        ({"readme.txt": "x"}, "neither"),
        ({"agent.zip": b"PK"}, "another archive"),
    ],
)
def test_archives_that_are_no_agent_are_refused(files: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=words):
        taken(kept(tmp_path, zipped(files)))


@pytest.mark.skipif(not BIKES.exists(), reason="the bike shop's agent is not here")
def test_the_agent_of_the_bike_shop() -> None:
    _shape, found = taken(BIKES)
    contents = contents_in(found)
    assert sorted(contents) == ["Hours", "Make Appointment", "Make Appointment - custom", "Welcome Intent"]
    assert contents["Hours"] == FaqContent(
        {
            "en": LocaleText(
                "When do you open?",
                "We are open every weekday from 9am to 5:30pm",
                ("What are your hours?", "How late are you open?"),
            )
        }
    )
    assert [entry.key for entry in found.entries if entry.draft] == ["Make Appointment - custom"]
    assert [(n.code, n.item) for n in found.notices] == [("fallback", "Fallback Intent"), ("entity", "AppointmentType")]
