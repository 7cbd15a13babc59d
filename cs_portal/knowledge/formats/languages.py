"""Which of the portal's languages a tag, a column or a text is in."""

from __future__ import annotations

import re

from cs_portal.merchants.models import Locale

#: How columns, and systems that know no scripts, call a language.
SUFFIX = {Locale.EN.value: "en", Locale.ZH_HANS.value: "zh"}
#: How Dialogflow calls it.
DIALOGFLOW = {Locale.EN.value: "en", Locale.ZH_HANS.value: "zh-cn"}
_NAMES = {
    "en": Locale.EN,
    "english": Locale.EN,
    "英文": Locale.EN,
    "英语": Locale.EN,
    "zh": Locale.ZH_HANS,
    "cn": Locale.ZH_HANS,
    "chs": Locale.ZH_HANS,
    "chinese": Locale.ZH_HANS,
    "simplified chinese": Locale.ZH_HANS,
    "中文": Locale.ZH_HANS,
    "简体中文": Locale.ZH_HANS,
    "汉语": Locale.ZH_HANS,
}
_OTHER_CHINESE = {"tw", "hk", "mo", "hant"}
_CHINESE = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]")


def locale_named(name: str) -> str:
    """``en-GB`` is ``en``, ``zh_CN`` is ``zh-hans``; empty for a language that the portal does not speak."""
    plain = " ".join(name.strip().lower().replace("_", "-").split())
    if plain in _NAMES:
        return str(_NAMES[plain].value)
    first, *rest = plain.split("-")
    if first == "en":
        return str(Locale.EN.value)
    if first in {"zh", "cmn"} and not _OTHER_CHINESE & set(rest):
        return str(Locale.ZH_HANS.value)
    return ""


def locale_of_text(text: str) -> str:
    """Chinese where a text has as many Chinese characters as a third of its Latin letters, else English."""
    chinese = len(_CHINESE.findall(text))
    return str(Locale.ZH_HANS.value if chinese and chinese * 3 >= len(_LATIN.findall(text)) else Locale.EN.value)
