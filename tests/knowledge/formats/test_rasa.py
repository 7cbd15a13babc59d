"""Training data of Rasa: YAML of version 3, the old markdown, and archives of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.formats.entries import Contents
from tests.knowledge.formats.agents import zipped
from tests.knowledge.formats.contents import contents_in, kept, taken

NLU = """version: "3.1"
nlu:
- intent: faq/hours
  examples: |
    - When do you [open](action)?
    - hours for [tomorrow]{"entity": "day", "value": "+1"}
- intent: greet
  metadata: {sentiment: neutral}
  examples:
  - text: |
      hello
    metadata: {x: 1}
  - text: hi there
- intent: nlu_fallback
  examples: |
    - asdf
- synonym: fix
  examples: |
    - repair
    - mend
- lookup: city
  examples: |
    - Hangzhou
responses:
  utter_faq/hours:
  - text: From 9 to 5.
  - text: 9 to 5.
    channel: slack
  - text: Nine to five.
    buttons: [{title: ok}]
  utter_greet_back:
  - text: Hello {name}!
rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_greet_back
  - action: action_log
slots:
  name: {type: text}
"""


def told(found: Contents) -> list[tuple[str, str, str, dict[str, object]]]:
    notices = [n for entry in found.entries for n in entry.notices] + list(found.notices)
    return [(n.where, n.code, n.item, dict(n.params)) for n in notices]


def test_an_intent_with_a_response_becomes_an_faq(tmp_path: Path) -> None:
    shape, found = taken(kept(tmp_path, NLU.encode()))
    assert shape.format == "rasa"
    assert contents_in(found) == {
        "faq/hours": FaqContent({"en": LocaleText("When do you open?", "From 9 to 5.", ("hours for tomorrow",))}),
        "greet": FaqContent({"en": LocaleText("hello", "Hello {name}!", ("hi there",))}),
    }
    assert [(entry.key, entry.draft) for entry in found.entries] == [("faq/hours", False), ("greet", True)]
    assert told(found) == [
        ("3", "annotations", "faq/hours", {"names": "action, day"}),
        ("3", "wordings", "faq/hours", {"count": 1}),
        ("3", "conditional_responses", "faq/hours", {"count": 1}),
        ("3", "message_kind", "faq/hours", {"name": "buttons", "count": 1}),
        ("7", "metadata", "greet", {"names": "sentiment"}),
        ("7", "placeholders", "greet", {"names": "{name}"}),
        ("17", "rasa_synonym", "fix", {"count": 2}),
        ("21", "rasa_lookup", "city", {"count": 1}),
        ("40", "rasa_slots", "", {"count": 1}),
        ("14", "fallback", "nlu_fallback", {"text": ""}),
    ]


def test_retrieval_intents_of_two_languages_become_one_faq(tmp_path: Path) -> None:
    text = """nlu:
- intent: faq_en/hours
  examples: "- When do you open?"
- intent: faq_zh/hours
  examples: "- 几点开门"
responses:
  utter_faq_en/hours: [{text: From 9 to 5.}]
"""
    _shape, found = taken(kept(tmp_path, text.encode()))
    both = {"en": LocaleText("When do you open?", "From 9 to 5."), "zh-hans": LocaleText("几点开门")}
    assert contents_in(found) == {"faq/hours": FaqContent(both)}


MARKDOWN = """## intent:hours
- When do you [open](action:open)?
* also a bullet
<!-- - not this
-->
## intent: returns
- how do I return it

## synonym:fix
- repair

## greet path
* hours
  - utter_hours
* returns{"item": "mug"}
  - action_return
"""


def test_the_old_markdown_is_read(tmp_path: Path) -> None:
    shape, found = taken(kept(tmp_path, MARKDOWN.encode()))
    assert shape.format == "rasa"
    assert contents_in(found) == {
        "hours": FaqContent({"en": LocaleText("When do you open?", "", ("also a bullet",))}),
        "returns": FaqContent({"en": LocaleText("how do I return it")}),
    }
    assert told(found) == [
        ("1", "annotations", "hours", {"names": "action"}),
        ("1", "rasa_action", "hours", {"names": "utter_hours"}),
        ("1", "answer_missing", "hours", {}),
        ("6", "rasa_action", "returns", {"names": "action_return"}),
        ("6", "answer_missing", "returns", {}),
        ("9", "rasa_synonym", "fix", {}),
    ]


def test_an_archive_is_read_as_one_bot(tmp_path: Path) -> None:
    files = {
        "bot/data/nlu.md": "## intent:faq/hours\n- When do you open?\n",
        "bot/data/responses.md": "## hours\n* faq/hours\n  - From 9\\nto 5.\n",
        "bot/domain.yml": "responses:\n  utter_x:\n  - text: X\n",
        "bot/data/broken.yml": "nlu:\n- intent: [\n",
        "bot/README.md": "# Read me",
    }
    _shape, found = taken(kept(tmp_path, zipped(files)))
    assert contents_in(found) == {"faq/hours": FaqContent({"en": LocaleText("When do you open?", "From 9\nto 5.")})}
    assert [(where, code) for where, code, _item, _params in told(found)] == [
        ("bot/data/broken.yml", "file_unreadable")
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nlu:\n- intent: a\n  examples: &x |\n    - b\n- intent: c\n  examples: *x\n", r"Aliases.*line 6"),
        ("nlu: &a [&b [x, x], *b, *b]\n", "Aliases"),
        ("nlu: " + "[" * 50 + "]" * 50, "deeply"),
        ("nlu:\n  - intent: a\n b: c\n", "no YAML .line 3"),
        ("nlu: !!python/object/apply:os.system [true]\n", "no intents"),
        ("responses:\n  utter_a: []\n", "no intents"),
    ],
)
def test_yaml_that_is_broken_or_harmful_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=words):
        taken(kept(tmp_path, text.encode()))


def test_names_that_come_twice_are_told(tmp_path: Path) -> None:
    text = "nlu:\n- intent: a\n  intent: b\n  examples: '- x'\n- examples: '- y'\n"
    _shape, found = taken(kept(tmp_path, text.encode()))
    assert told(found) == [
        ("2", "answer_missing", "a", {}),
        ("2", "key_twice", "intent", {}),
        ("5", "no_intent", "", {}),
    ]
