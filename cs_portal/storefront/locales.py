"""From what a shop's page says (``zh-CN``, ``en_GB``, nothing) to a language of ours."""

from __future__ import annotations

from cs_portal.merchants.models import Locale


def chat_locale(wanted: str, *, default: str) -> str:
    """The language for ``wanted``; ``default`` where we do not speak it."""
    language = wanted.strip().lower().replace("_", "-").partition("-")[0]
    return {"zh": Locale.ZH_HANS.value, "en": Locale.EN.value}.get(language, default)
