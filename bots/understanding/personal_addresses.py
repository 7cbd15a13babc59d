"""Postal addresses in free text, by their shape: a street with its number, and what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bots.understanding.word_lists import listed

Span = tuple[int, int]

_CAP = r"[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_SUFFIXES = "|".join(sorted(listed("street_suffixes.txt"), key=lambda each: (-len(each), each)))
#: 12 Baker Street; 4b Old Mill Rd.
_STREET = (
    rf"(?:(?:No\.?|Number|Flat|Apt\.?|Unit)\s*\w{{1,5}},?\s+)?\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,5}}[A-Za-z]?)?,?\s+"
    rf"(?:(?:{_CAP}|\d{{1,3}}(?:st|nd|rd|th))\s+){{1,5}}?(?:{_SUFFIXES})\b\.?(?:\s+(?:North|South|East|"
    rf"West|N|S|E|W|NE|NW|SE|SW)\b\.?)?"
)
#: Hauptstraße 5; Kerkstraat 12a; Storgatan 3.
_JOINED = (
    r"[A-ZÀ-ÖØ-Þ][\w-]*(?:straße|strasse|str\.|weg|platz|gasse|allee|ring|damm|ufer|straat|laan|plein|"
    r"gracht|kade|dreef|singel"
    r"|gatan|gata|gränd|stigen|torget|backen|vägen|veien|vegen|vej|gade|katu|tie|utca|"
    r"út) \d{1,5} ?[a-zA-Z]?\b(?:[-/]\d{1,4})?"
)
#: Via Roma 5; Rue de la Paix 12; 12 rue de la Paix; Calle Mayor 3.
_ROMANCE_WORD = rf"(?:{'|'.join(sorted(listed('street_prefixes.txt')))})"
_REST = r"(?:(?:d['’]|l['’])?[A-Za-zÀ-ÿ][\w'’.-]*\s+){0,5}?(?:d['’]|l['’])?[A-ZÀ-ÖØ-Þ][\w'’.-]*"
_ROMANCE = (
    rf"{_ROMANCE_WORD}\s+{_REST},?[ ](?:n[.º°]?[ ]?)?\d{{1,5}}(?:[-/]\d{{1,4}})?(?:[ ]?[A-Za-z])?\b"
    rf"|\d{{1,4}}(?:\s?bis)?,?\s+(?i:rue|avenue|boulevard|place|chemin|impasse|quai|allée)\s+{_REST}"
)
_BOX = r"P\.?\s?O\.?\s+Box\s+\d+"
_MILITARY = (
    r"(?:(?:PSC|Unit|CMR)\s+\d+,?\s+Box\s+\d+|US(?:S|NS|CGC|NV|"
    r"NS)\s+[A-Z]\w+)\s*[,\n]?\s*[AFD]PO,?\s+A[APE],?\s+\d{5}(?:-\d{4})?"
)
#: Springfield, IL 62704 on its own.
_CITY_ZIP = rf"(?:{_CAP}\s+){{0,3}}{_CAP},?\s+[A-Z]{{2}},?\s+\d{{5}}(?:-\d{{4}})?(?!\d)"
_UK_POST = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_POST = (
    rf"(?:{_UK_POST}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|(?:[A-Z]{{1,3}}-)?\d{{2}}-\d{{3}}|"
    rf"(?:[A-Z]{{1,3}}-)?\d{{4,6}}(?:-\d{{3,4}})?)(?!\w)"
)
_TOWN_WORD = r"(?:St\.|[A-ZÀ-ÖØ-Þ][\w'’-]*[a-zß-öø-ÿąćęłńóśźż][\w'’-]*)"
_SMALL = r"(?:(?:de|da|do|di|del|della|la|le|les|am|an|der|im|sur|en|upon|of|on|nad)[ -])"
_TOWN_NAME = rf"{_SMALL}?{_TOWN_WORD}(?:[ -]{_SMALL}?{_TOWN_WORD}){{0,3}}"
#: Flat 9, Armstrong Plain: the number is the flat's.
_FLAT = (
    rf"(?:Flat|Studio|Unit|Apartment|Apt\.?|Suite|Level|"
    rf"Lot)\s+\d{{1,4}}[A-Za-z]?,?\s+(?:\d{{1,5}}[A-Za-z]?,?\s+)?(?:{_TOWN_WORD}\s+){{1,4}}?(?:{_SUFFIXES}|"
    rf"[A-Z][a-z]+)\b"
)
#: Whatever the street is called: a number beside capitalised words, and a town with its post code after them.
_BEFORE_TOWN = (
    rf"(?:(?:{_TOWN_WORD} ){{1,4}}\d{{1,5}}(?:[-/]\d{{1,4}})?[A-Za-z]?|\d{{1,5}}[A-Za-z]?,? (?:{_TOWN_WORD} ?){{1,4}})"
)
_ANY = (
    rf"{_BEFORE_TOWN}\s*[,\n]\s*(?:{_POST},?\s+{_TOWN_NAME}|{_TOWN_NAME},?\s+(?:[A-Z]{{2,3}},?\s+)?{_POST})"
    rf"|\d{{1,3}}(?:/\d{{1,3}})?,?\s+(?:{_TOWN_WORD}\s+){{1,3}}?(?:Marg|Nagar|Path|Chowk|Circle|Ganj|"
    rf"Zila|Street|Road)\b"
)
_START = re.compile(rf"(?<![\w#])(?:{_MILITARY}|{_BOX}|{_FLAT}|{_ANY}|{_STREET}|{_JOINED}|{_ROMANCE}|{_CITY_ZIP})")
#: What an address goes on with, after a comma, a line break or a space.
_MORE = re.compile(
    rf"\s*[,\n;]?\s*(?:"
    rf"(?:Apt|Apartment|Suite|Ste|Unit|Floor|Flat|Room|Rm|Building|Bldg|Studio|Box|Piso|Étage|Interno|"
    rf"Appartamento|Apto|Dpto|Wohnung|Puerta|m\.)\b\.?\s*#?\w{{1,6}}\b"
    rf"|\#\s?\w{{1,6}}\b|\d{{1,2}}(?:st|nd|rd|th)\s+[Ff]loor"
    rf"|(?:[A-Z]{{2,3}},?\s+)?(?:{_POST}|\d{{4}}[A-Z]{{2}}\b)(?:\s[A-Z]{{2}}\b)?(?:,?[ \n](?!(?:I|My|"
    rf"The|Please|And|Can)\b){_TOWN_NAME})?(?:\s\([A-Z]{{2}}\))?"
    rf"|-\s?\d{{6}}\b|\([A-Z]{{2}}\)"
    rf")"
)
#: A town, region or country: capitalised words of their own, after a comma or a line break.
_TOWN = re.compile(rf"\s*[,\n]\s*(?P<name>{_TOWN_NAME})")
_NOT_A_TOWN = listed("not_towns.txt")
_EN_CUE = re.compile(
    r"(?i:\b(?:my |new |the |our |delivery |shipping |billing |home |postal |mailing )*address(?: is|"
    r" to| has changed to|:)(?: now)?\s*:?\s*"
    r"|\b(?:i live|living|located) (?:at|in)\s+|\b(?:ship|deliver|send|mail)(?:ed)? (?:it |this |"
    r"them |my order )?to:?\s+)"
)
_EN_REST = re.compile(
    r"(?=[A-Z0-9À-Þ#])[^.!?;\n]{3,110}?(?:\n[A-Z0-9][^.!?;\n]{2,60}){0,3}(?=[.!?;]|\s*$|\n\s*\n|"
    r"\n[a-z]|,? (?:please|thanks|and|because|but|instead|as|not)\b)"
)

_HAN = r"[\u4e00-\u9fff]"
_PROVINCES = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|"
    "广东|海南|四川|贵州|云南|陕西|甘肃|青海"
    "|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_DETAIL_END = rf"(?:{'|'.join(sorted(listed('street_suffixes_zh.txt'), key=lambda each: (-len(each), each)))})"
_UNIT = (
    r"(?:[A-Za-z]?\d{1,5}[A-Za-z]?|[A-Za-z]|[一二三四五六七八九十]{1,3})\s?(?:号楼|号院|号|弄|栋|幢|"
    r"单元|室|楼|座|层|期|区|门|户)"
)
_ZH = re.compile(
    rf"(?:中国)?(?:(?:{_PROVINCES})(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区|特别行政区)?)?\s?"
    rf"(?:{_HAN}{{1,7}}?(?:市|自治州|地区|盟)\s?)?(?:{_HAN}{{1,6}}?(?:区|县|旗|"
    rf"新区)\s?)?(?:{_HAN}{{1,6}}?(?:街道|镇|乡)\s?)?"
    rf"(?:[\u4e00-\u9fffA-Za-z0-9]{{1,10}}?{_DETAIL_END}\s?){{0,3}}"
    rf"(?:(?:{_HAN}{{0,6}}?)?{_UNIT}[-\s]?){{0,6}}(?:\d{{2,4}}(?!\d))?"
)
_ZH_LEVEL = re.compile(rf"(?:{_PROVINCES})|{_HAN}(?:省|市|自治区|区|县|镇|街道)")
_ZH_ROAD, _ZH_UNIT = re.compile(_DETAIL_END), re.compile(_UNIT)
_ZH_POST = re.compile(r"[\s,，]*(?:邮编[::]?\s*)?\d{6}(?!\d)")
#: What a sentence has before an address that runs into it.
_ZH_BEFORE = re.compile(
    r"(?:送到|寄到|寄往|发到|发往|送往|寄至|送至|改成|改为|换成|换到|改到|搬到|搬去|地址是|地址为|"
    r"地址[::]|住在|家在|就在|到|在|是|为|至|往|给|寄|送|住|把|从|请|[::])"
)


def find_addresses(text: str) -> Iterator[Span]:
    """Spans of addresses, perhaps overlapping, the surest first."""
    yield from _chinese(text)
    for match in _START.finditer(text):
        yield match.start(), _extended(text, match.end())
    for cue in _EN_CUE.finditer(text):
        rest = _EN_REST.match(text, cue.end())
        if rest and re.search(r"\d", rest.group()) and len(re.findall(rf"\b{_CAP}", rest.group())) >= 2:
            yield rest.start(), rest.start() + len(rest.group().rstrip())


def _extended(text: str, end: int) -> int:
    """Where the address that goes to ``end`` really ends: with its flat, town, region, post code and country."""
    for _ in range(7):
        more = _MORE.match(text, end)
        if more is None:
            more = _TOWN.match(text, end)
            if more is None or re.split(r"[\s-]", more["name"])[0] in _NOT_A_TOWN:
                break
        end = more.end()
    return end - 1 if text[end - 1] == "." and end == len(text) else end


def _chinese(text: str) -> Iterator[Span]:
    position = 0
    while position < len(text):
        match = _ZH.match(text, position)
        if match is None or match.end() - match.start() < 5:
            position += 1
            continue
        found = match.group()
        start = match.start()
        for before in _ZH_BEFORE.finditer(found[:12]):
            start = match.start() + before.end()
        span = text[start : match.end()]
        digits = re.search(r"\d|[一二三四五六七八九十](?:号|栋|单元|楼)", span)
        end = start + len(span.rstrip())
        level, road, unit = _ZH_LEVEL.search(span), _ZH_ROAD.search(span), _ZH_UNIT.search(span)
        post = _ZH_POST.match(text, end)
        if len(span) >= 5 and ((level and (unit or (road and (post or digits)))) or (road and unit)):
            if post:
                end = post.end()
            yield start, end
            position = end
        else:
            position += 1
