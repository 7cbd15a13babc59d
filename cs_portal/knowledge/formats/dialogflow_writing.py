"""FAQs as an agent of Dialogflow ES: an intent for each, its phrasings as training phrases, its answer as the response.

What Dialogflow has no place for (category, tags, days, answers for particular orders) goes along as a custom payload,
which Dialogflow hands to whoever reads its answers, and which an import here understands.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from cs_portal.knowledge.content import FaqContent, LocaleText, settings_to_json
from cs_portal.knowledge.formats.dialogflow_messages import OURS
from cs_portal.knowledge.formats.entries import LOST, Notice, Written
from cs_portal.knowledge.formats.languages import DIALOGFLOW
from cs_portal.merchants.models import Locale

#: Dialogflow's own limit of one agent.
MAX_INTENTS = 2000
_NAMESPACE = UUID("7f1c0c1e-52a6-4b0b-9f0e-3c5d4b8f6a10")
#: Zip archives know no date before 1980; the same FAQs make the same file.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def written(faqs: Iterable[tuple[str, str, FaqContent]]) -> Written:
    target = io.BytesIO()
    lost: list[Notice] = []
    names: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "package.json", {"version": "1.0.0"})
        _put(archive, "agent.json", _agent())
        for count, (key, _state, content) in enumerate(faqs):
            if count == MAX_INTENTS:
                lost.append(Notice(LOST, "agent_limit", params={"limit": MAX_INTENTS}))
            name = _file_name(key, names)
            _put(archive, f"intents/{name}.json", _intent(key, content))
            for code, text in content.texts.items():
                if text.question:
                    _put(archive, f"intents/{name}_usersays_{DIALOGFLOW[code]}.json", _phrases(key, code, text))
    return Written(target.getvalue(), tuple(lost))


def _put(archive: zipfile.ZipFile, name: str, document: object) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, json.dumps(document, ensure_ascii=False, indent=2))


def _file_name(key: str, taken: set[str]) -> str:
    """Of the key, without what file systems refuse, and no other intent's whatever the case of its letters."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", key).strip(". ") or "intent"
    plain = re.sub(r"(?i)_usersays_", "_", plain)
    name, number = plain, 2
    while name.casefold() in taken:
        name, number = f"{plain}-{number}", number + 1
    taken.add(name.casefold())
    return name


def _agent() -> dict[str, Any]:
    first, *others = (DIALOGFLOW[code] for code in Locale.values)
    return {
        "description": "",
        "language": first,
        "supportedLanguages": others,
        "defaultTimezone": "Etc/UTC",
        "customClassifierMode": "use.after",
        "mlMinConfidence": 0.3,
        "onePlatformApiVersion": "v2",
        "isPrivate": True,
        "webhook": {"available": False, "useForDomains": False},
        "enabledKnowledgeBaseNames": [],
    }


def _intent(key: str, content: FaqContent) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [
        {"type": 0, "lang": DIALOGFLOW[code], "speech": [text.answer]}
        for code, text in content.texts.items()
        if text.answer
    ]
    if beside := _beside(content):
        lang = DIALOGFLOW[next(iter(content.texts), Locale.EN.value)]
        messages.append({"type": 4, "lang": lang, "payload": {OURS: beside}})
    return {
        "id": str(uuid5(_NAMESPACE, key)),
        "name": key,
        "auto": True,
        "contexts": [],
        "responses": [
            {
                "resetContexts": False,
                "affectedContexts": [],
                "parameters": [],
                "messages": messages,
                "defaultResponsePlatforms": {},
                "speech": [],
            }
        ],
        "priority": 500000,
        "webhookUsed": False,
        "webhookForSlotFilling": False,
        "fallbackIntent": False,
        "events": [],
    }


def _beside(content: FaqContent) -> Mapping[str, Any]:
    settings = {"category": content.category, **settings_to_json(content)}
    return {name: value for name, value in settings.items() if value}


def _phrases(key: str, code: str, text: LocaleText) -> list[dict[str, Any]]:
    return [
        {
            "id": str(uuid5(_NAMESPACE, f"{key}\n{code}\n{number}")),
            "data": [{"text": phrase, "userDefined": False}],
            "isTemplate": False,
            "count": 0,
            "updated": 0,
        }
        for number, phrase in enumerate((text.question, *text.phrasings))
    ]
