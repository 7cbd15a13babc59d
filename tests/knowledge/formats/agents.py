"""Agents of Dialogflow ES made by hand, with what is seen in the wild."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any


def zipped(files: Mapping[str, Any], *, prefix: str = "") -> bytes:
    """Files as JSON where they are no text or bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in files.items():
            data = document if isinstance(document, (str, bytes)) else json.dumps(document)
            archive.writestr(f"{prefix}{name}", data)
    return target.getvalue()


def says(*phrases: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"data": [{"text": phrase, "userDefined": False}] if isinstance(phrase, str) else phrase, "isTemplate": False}
        for phrase in phrases
    ]


def replies(*messages: Mapping[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"messages": list(messages), "parameters": [], "affectedContexts": [], "speech": [], **more}]


def text(speech: str | list[str], **more: Any) -> dict[str, Any]:
    return {"type": 0, "lang": "en", "speech": speech, **more}


HOURS = {
    "agent.json": {"language": "en", "supportedLanguages": ["zh-cn", "fr"]},
    "package.json": {"version": "1.0.0"},
    "intents/Opening hours.json": {
        "name": "Opening hours",
        "responses": replies(text("From 9 to 5."), {"type": "0", "lang": "zh-CN", "speech": ["九点到五点"]}),
    },
    "intents/Opening hours_usersays_en.json": says("When do you open?", "hours please", "When do you open"),
    "intents/Opening hours_usersays_zh-cn.json": says("几点开门"),
}
