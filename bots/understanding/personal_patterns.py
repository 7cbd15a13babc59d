"""Personal data that has a shape of its own: numbers with check digits, phones, links, e-mail and IP addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

import phonenumbers
from stdnum import iban, luhn

Span = tuple[int, int]

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_URL = re.compile(
    r"(?i:https?|ftp)://[^\s<>\"'，。；！？、（）《》「」\u4e00-\u9fff]+|"
    r"(?<![@\w.])(?i:www)\.[^\s<>\"'，。；！？、（）\u4e00-\u9fff]+"
    r"|(?<![@\w.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?i:com|cn|net|org|shop|store|io|co|edu|gov|"
    r"biz|info|top|xyz|me|app|dev"
    r"|uk|de|fr|jp|hk|eu|us|tv)(?![\w.@-]*[\w@])(?:/[^\s<>\"'，。；！？、（）《》「」\u4e00-\u9fff]*)?",
    re.ASCII,
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){11,18}(?![\d])")
_CARD_CUE = re.compile(
    r"(?i:card|cc|visa|mastercard|amex|debit|credit|卡号|银行卡|信用卡|储蓄卡|借记卡|尾号)\W*(?:\w+\W+){0,4}$"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
_RIC = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0\d|1[0-2])[0-3]\d\d{3}[0-9Xx](?![0-9A-Za-z])")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-\d{2}-\d{4}(?![\d-])")
#: A document's number, known by the words before it.
_DOCUMENT = re.compile(
    r"(?:(?i:\b(?:passport|driver'?s? ?licen[cs]e|licen[cs]e|ssn|social security|national id|"
    r"identity card|id card|nhs|tax id|tin|nino"
    r"|national insurance|itin|id number|id no\.?)(?:\s+(?:number|no\.?|num|id))?)"
    r"|身份证|护照|驾照|驾驶证|港澳通行证|社保|证件)(?:号码|号)?\s*(?:(?i:is|was|:|#)|是|为|"
    r"：)*\s*#?(?P<value>[A-Za-z]{0,3}[\d-]*\d[\dA-Za-z-]{4,18})"
)
_PHONE = re.compile(
    r"(?:(?<!\d)\+|(?<![A-Za-z0-9.#/-]))(?:00)?(?:\(\+?\d{1,4}\)|"
    r"\d)(?:[ .()/-]{0,2}\d){5,15}(?:\s?(?:x|ext\.?|extension|转|分机)\s?\d{1,6})?(?![A-Za-z0-9/-]*\d)",
    re.IGNORECASE,
)
_PHONE_CUE = re.compile(
    r"(?i:phone|call|tel|telephone|mobile|cell|number|reach|text|whatsapp|sms|fax|contact|ring|dial|"
    r"电话|手机|手机号|号码|致电|联系|打|拨)"
    r"[^\d\n]{0,24}$"
)
_ORDER_CUE = re.compile(
    r"(?i:order|invoice|ref|reference|ticket|tracking|parcel|订单|单号|编号|运单|快递|物流|card|卡号|"
    r"account|账号|账户|zip|postcode|邮编)"
    r"[^\d\n]{0,14}$"
)
_CN_MOBILE = re.compile(r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}")
_GROUPED = re.compile(r"\(?\d{2,5}\)?[ .-]?\d{2,4}[ .-]\d{3,5}(?:[ .-]\d{2,4})?|\(?0\d{2,4}\)?[ /-]?\d{5,9}")
_REGIONS = ("US", "GB", "CN", "DE", "FR", "HK", "TW", "JP", "AU", "IN", "ES", "IT")
_DATE = re.compile(r"(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d")
_ACCOUNT = re.compile(
    r"(?:微信号?|wechat(?: id)?|QQ号?|旺旺|支付宝(?:账号|账户)?|whatsapp|telegram)\s*(?:is|是|为)?\s*[::]?\s*"
    r"(?P<value>[A-Za-z0-9_@.+-]{5,32})",
    re.IGNORECASE,
)


def find_shapes(text: str) -> Iterator[tuple[str, int, int]]:
    """``(kind, start, end)`` of what is known by its shape, perhaps overlapping, the surest first."""
    for match in _EMAIL.finditer(text):
        yield "EMAIL", match.start(), match.end()
    for match in _URL.finditer(text):
        yield "URL", match.start(), match.start() + len(match.group().rstrip(".,;:!?)"))
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _is_ip(match.group()):
                yield "IP", match.start(), match.end()
    for match in _RIC.finditer(text):
        yield "ID_NUMBER", match.start(), match.end()
    for match in _IBAN.finditer(text):
        if (end := _iban_end(match.group())) is not None:
            yield "IBAN", match.start(), match.start() + end
    for match in _CARD.finditer(text):
        if luhn.is_valid(re.sub(r"\D", "", match.group())) or _CARD_CUE.search(
            text[max(0, match.start() - 60) : match.start()]
        ):
            yield "CARD", match.start(), match.end()
    for match in _SSN.finditer(text):
        yield "ID_NUMBER", match.start(), match.end()
    for match in _DOCUMENT.finditer(text):
        yield "ID_NUMBER", match.start("value"), match.end("value")
    for match in _ACCOUNT.finditer(text):
        yield "ACCOUNT", match.start("value"), match.end("value")
    for match in _PHONE.finditer(text):
        if _is_phone(text, match):
            yield "PHONE", match.start(), match.end()


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return text.count(":") != 2 or "::" in text  # 10:30:00 is a time


def _iban_end(text: str) -> int | None:
    """Where the IBAN ends: words in capitals may follow it."""
    for end in range(len(text), 14, -1):
        if text[end - 1].isalnum() and iban.is_valid(text[:end]):
            return end
    return None


def _is_phone(text: str, match: re.Match[str]) -> bool:
    """By the rules of its country, by its grouping, or by the words before it; dates and numbers of orders are none."""
    found = match.group()
    digits = re.sub(r"\D", "", re.split(r"(?i)x|ext|转|分机", found)[0])
    if not 7 <= len(digits) <= 15 or _DATE.fullmatch(found.strip()):
        return False
    if found.startswith("+"):
        return True
    before = text[max(0, match.start() - 40) : match.start()]
    if _ORDER_CUE.search(before):
        return False
    if _CN_MOBILE.fullmatch(found) or _PHONE_CUE.search(before):
        return True
    grouped = re.search(r"[ .()/-]", found) is not None
    if not grouped or ("." in found and found.count(".") == 1):
        return False
    groups = re.split(r"[ .()/-]+", found.strip("()"))
    thousands = not found.startswith("0") and all(len(group) == 3 for group in groups[1:])
    if len(groups) >= 3 and 8 <= len(digits) <= 13 and not thousands:
        return True
    if _GROUPED.fullmatch(re.split(r"(?i)\s?(?:x|ext|转|分机)", found)[0]):
        return True
    return any(_valid(found, region) for region in _REGIONS)


def _valid(text: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False
