"""Dialogflow ES agents, as they are exported: a zip of JSON files, maybe under a folder.

An intent becomes an FAQ: its training phrases the question and phrasings, its text response the answer. What else an
intent does (entities, parameters, contexts, events, fulfilment, cards) has no place in an FAQ and is told one by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.formats.archives import Archive, Member
from cs_portal.knowledge.formats.cleaning import asked_first
from cs_portal.knowledge.formats.dialogflow_messages import answers_of, placeholders_in
from cs_portal.knowledge.formats.documents import KEYS, checked
from cs_portal.knowledge.formats.entries import LOST, OPEN, REFUSED, Contents, Entry, Notice
from cs_portal.knowledge.formats.keys import key_of
from cs_portal.knowledge.formats.languages import locale_named
from cs_portal.knowledge.formats.refusals import too_many
from cs_portal.knowledge.formats.tables import MAX_FAQS

_PHRASES = re.compile(r"^(?P<intent>.+)_usersays_(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)$")
_ENTRIES = re.compile(r"^(?P<entity>.+)_entries_(?P<language>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)$")


@dataclass(frozen=True, slots=True)
class _Files:
    """An agent's files by what they are."""

    root: str
    agent: Member | None
    intents: dict[str, Member]
    phrases: dict[str, dict[str, Member]]
    entities: dict[str, Member]
    entries: dict[str, list[Member]]


def is_agent(archive: Archive) -> bool:
    return any("intents" in PurePosixPath(member.name).parts[:-1] for member in archive.members) or any(
        PurePosixPath(member.name).name == "agent.json" for member in archive.members
    )


def contents_of(archive: Archive) -> Contents:
    """An entry for every intent. Raises :class:`Invalid` for an archive that is no agent of Dialogflow ES."""
    files = _sorted(archive)
    agent, broken = _json_of(archive, files.agent) if files.agent else ({}, None)
    notices = [broken] if broken else []
    default = locale_named(str(agent.get("language", ""))) if isinstance(agent, Mapping) else ""
    notices += [Notice(LOST, "packed", name) for name in archive.packed]
    if len(files.intents) > MAX_FAQS:
        raise too_many(MAX_FAQS)
    seen: dict[str, str] = {}
    entries: list[Entry] = []
    for stem, member in files.intents.items():
        entry, told = _entry(archive, files, stem, member, default)
        notices += told
        if entry is None:
            continue
        first = seen.setdefault(entry.key, entry.where)
        if first != entry.where:
            again = Notice(REFUSED, "again", entry.where, entry.key, "key", {"line": first})
            entry = Entry(entry.where, entry.key, notices=(again,))
        entries.append(entry)
    notices += _orphans(files)
    notices += list(_entities(archive, files))
    return Contents(tuple(entries), tuple(notices))


def _sorted(archive: Archive) -> _Files:
    """Found by the folder ``intents``, wherever it is; a second agent in the same archive is another matter."""
    if any("flows" in PurePosixPath(member.name).parts for member in archive.members):
        raise Invalid(_("This is an agent of Dialogflow CX. Only agents of Dialogflow ES are read."), field="file")
    roots = [
        PurePosixPath(m.name).parent.parent for m in archive.members if PurePosixPath(m.name).parent.name == "intents"
    ]
    if not roots:
        raise Invalid(_("This archive holds no intents: it is no agent of Dialogflow ES."), field="file")
    if len(set(roots)) > 1:
        raise Invalid(_("This archive holds more than one agent. Upload them one by one."), field="file")
    root = roots[0]
    files = _Files(str(root), None, {}, {}, {}, {})
    agent = None
    for member in archive.members:
        path = PurePosixPath(member.name)
        if path == root / "agent.json":
            agent = member
        if path.suffix != ".json" or path.parent not in {root / "intents", root / "entities"}:
            continue
        if path.parent.name == "entities":
            match = _ENTRIES.match(path.stem)
            if match:
                files.entries.setdefault(match["entity"], []).append(member)
            else:
                files.entities[path.stem] = member
        elif (match := _PHRASES.match(path.stem)) is not None:
            files.phrases.setdefault(match["intent"], {})[match["language"]] = member
        else:
            files.intents[path.stem] = member
    return _Files(files.root, agent, files.intents, files.phrases, files.entities, files.entries)


def _json_of(archive: Archive, member: Member) -> tuple[Any, Notice | None]:
    try:
        return json.loads(archive.read(member.name).decode("utf-8-sig")), None
    except (ValueError, RecursionError):
        return None, Notice(REFUSED, "file_not_json", member.name, member.stem)


@dataclass(slots=True)
class _Intent:
    """One that is being read."""

    where: str
    name: str
    notices: list[Notice] = field(default_factory=list)

    def tell(self, code: str, kind: str = LOST, *, column: str = "", **params: Any) -> None:
        self.notices.append(Notice(kind, code, self.where, self.name, column, params))


def _entry(
    archive: Archive, files: _Files, stem: str, member: Member, default: str
) -> tuple[Entry | None, list[Notice]]:
    """The intent's entry; for one that is no question of anybody, only what is told about it."""
    raw, broken = _json_of(archive, member)
    if broken is not None or not isinstance(raw, Mapping):
        notice = broken or Notice(REFUSED, "file_not_json", member.name, stem)
        return Entry(member.name, key_of(stem), notices=(notice,)), []
    intent = _Intent(member.name, key_of(str(raw.get("name") or stem)) or key_of(stem))
    replies = _replies(raw)
    answers, extra = answers_of(replies, default or "en", intent.tell)
    if raw.get("fallbackIntent") is True:
        intent.tell("fallback", text=next(iter(answers.values()), "")[:200])
        return None, intent.notices[-1:]
    phrases = _all_phrases(archive, files, stem, raw, default, intent)
    document = {**extra, "texts": _texts(phrases, answers, intent)}
    _tell_what_stays_behind(raw, replies, intent)
    waiting = sorted({name for text in answers.values() for name in placeholders_in(text)})
    if waiting:
        intent.tell("placeholders", OPEN, column="answer", names=", ".join(waiting[:8]))
    found, notices = checked(document, where=intent.where, key=intent.name)
    answered = found.get("answers") or found.get("hand_over") or any(p.get("answer") for p in found["texts"].values())
    if not answered:
        intent.tell("answer_missing", OPEN, column="answer")
    return Entry(intent.where, intent.name, found, (*intent.notices, *notices), draft=bool(waiting)), []


def _replies(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    replies = raw.get("responses")
    return [reply for reply in replies if isinstance(reply, Mapping)] if isinstance(replies, list) else []


def _all_phrases(
    archive: Archive, files: _Files, stem: str, raw: Mapping[str, Any], default: str, intent: _Intent
) -> dict[str, list[str]]:
    """Training phrases by language of ours; other languages are told. Old agents keep them within the intent."""
    found: dict[str, list[str]] = {}
    if isinstance(raw.get("userSays"), list):
        found[default or "en"] = _sentences(raw["userSays"], intent)
    for language, member in files.phrases.get(stem, {}).items():
        says, broken = _json_of(archive, member)
        code = locale_named(language)
        if broken is not None or not isinstance(says, list):
            intent.notices.append(Notice(REFUSED, "file_not_json", member.name, intent.name))
        elif not code:
            intent.tell("other_language", language=language, count=len(says))
        else:
            found.setdefault(code, []).extend(_sentences(says, intent))
    return {code: phrases for code, phrases in found.items() if phrases}


def _sentences(says: list[Any], intent: _Intent) -> list[str]:
    sentences, marked, templates = [], set[str](), 0
    for say in says:
        data = say.get("data") if isinstance(say, Mapping) else None
        if not isinstance(data, list):
            continue
        if say.get("isTemplate") is True:
            templates += 1
            continue
        parts = [part for part in data if isinstance(part, Mapping) and isinstance(part.get("text"), str)]
        marked |= {str(part["meta"])[:60] for part in parts if part.get("meta") and part.get("meta") != "@sys.ignore"}
        sentences.append("".join(part["text"] for part in parts))
    if marked:
        intent.tell("annotations", column="phrasings", names=", ".join(sorted(marked)[:8]))
    if templates:
        intent.tell("templates", column="phrasings", count=templates)
    return sentences


def _texts(phrases: Mapping[str, list[str]], answers: Mapping[str, str], intent: _Intent) -> dict[str, dict[str, Any]]:
    texts: dict[str, dict[str, Any]] = {}
    for code in dict.fromkeys([*phrases, *answers]):
        said = phrases.get(code, [])
        if not said:
            intent.tell("name_is_question", OPEN, column="question", language=code)
        question, others = asked_first(said)
        texts[code] = {"question": question or intent.name, "phrasings": others}
        if answers.get(code):
            texts[code]["answer"] = answers[code]
    if not texts:
        intent.tell("name_is_question", OPEN, column="question", language="en")
        texts["en"] = {"question": intent.name}
    return texts


def _tell_what_stays_behind(raw: Mapping[str, Any], replies: list[Mapping[str, Any]], intent: _Intent) -> None:
    def named(values: Any) -> str:
        names = [str(v.get("name", "")) if isinstance(v, Mapping) else str(v) for v in values or []]
        return ", ".join(dict.fromkeys(name for name in names if name))[:200]

    if raw.get("contexts"):
        intent.tell("contexts_in", names=named(raw["contexts"]))
    if events := named(raw.get("events")):
        intent.tell("events", names=events)
    if raw.get("parentId"):
        intent.tell("follow_up")
    if raw.get("webhookUsed") is True or raw.get("webhookForSlotFilling") is True:
        intent.tell("fulfilment")
    for reply in replies:
        if parameters := named(reply.get("parameters")):
            intent.tell("parameters", names=parameters)
        if contexts := named(reply.get("affectedContexts")):
            intent.tell("contexts_out", names=contexts)
        action = reply.get("action")
        if isinstance(action, str) and action:
            intent.tell("dialogflow_action", names=action[:100])
    if raw.get("conditionalResponses"):
        intent.tell("conditional_responses", count=len(raw["conditionalResponses"]))


def _orphans(files: _Files) -> list[Notice]:
    """Phrases whose intent is not there."""
    return [
        Notice(REFUSED, "no_such_intent", member.name, stem[:60])
        for stem, by_language in files.phrases.items()
        if stem not in files.intents
        for member in by_language.values()
    ]


def _entities(archive: Archive, files: _Files) -> Iterator[Notice]:
    for stem in dict.fromkeys([*files.entities, *files.entries]):
        count = 0
        for member in files.entries.get(stem, []):
            values, broken = _json_of(archive, member)
            count += len(values) if broken is None and isinstance(values, list) else 0
        where = files.entities[stem].name if stem in files.entities else files.entries[stem][0].name
        yield Notice(LOST, "entity", where, stem[:60], params={"count": count})


assert {"category", "tags"} <= KEYS
