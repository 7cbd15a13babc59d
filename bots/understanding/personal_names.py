"""Names of people in free text: by the words around them, and by lists of names.

In Latin letters a name is known by its first name, or by two names side by side; in Chinese by a surname where a cue or
the tagger of words says that somebody is named. Names that are ordinary words, too ("Grace", "Will"), count only beside
another name or a cue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bots.retrieval.segmentation import tagged_words
from bots.understanding.word_lists import listed

Span = tuple[int, int]

_LETTER = r"[A-Za-zÀ-ÖØ-öø-ɏ]"
_TOKEN = re.compile(rf"{_LETTER}(?:{_LETTER}|['’-](?={_LETTER}))*")
_HAN = r"[\u4e00-\u9fff]"
_PARTICLES = listed("name_particles.txt")
_TITLES = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Herr|Frau|Mme|Monsieur|Madame|Sig|Signora?|"
    r"Dott|Ing|Sra?|Pani?|pani?)"
)
_TITLE = re.compile(rf"\b{_TITLES}\b\.?\s+$")
_SUFFIXES = frozenset(["Jr", "Sr", "II", "III", "IV", "V", "MD", "PhD", "DDS", "DVM", "Esq", "MBA"])
_SUFFIX = re.compile(rf",?\s+(?:{'|'.join(sorted(_SUFFIXES))})(?!\w)\.?")
#: Whatever follows is a name, however unusual.
_SURE_CUE = re.compile(
    r"(?i:\b(?:(?:first |last |full |user)?name(?:'s|’s| is| was)?|named|called|call me|attn|attention|account holder"
    r"|cardholder|recipient|signed|sincerely|regards|cheers|yours|best wishes|guardian)\s*[:,-]?\s*)$"
)
#: Whatever follows is a name if it may be one.
_CUE = re.compile(
    r"(?i:\b(?:i am|i'm|i’m|this is|hi|hello|hey|dear|thanks|thank you|ask for|speak (?:to|with)|wife|husband|son"
    r"|daughter|friend|brother|sister|mother|father|colleague|boss)\s*[,:]?\s*)$"
)
#: Greeted, and nobody's name.
_NOBODY = listed("nobody.txt")
_ZH_CUE = re.compile(
    rf"(?:我叫|我是|本人|姓名|名字|叫做|名叫|收件人|收货人|联系人|寄件人|持卡人|户主|开户人|签收人|"
    rf"用户|客户|顾客|会员|亲爱的|尊敬的)"
    rf"\s*[::是为叫]{{0,2}}\s*(?P<name>{_HAN}{{2,4}})"
)
_ZH_TITLE = re.compile(rf"(?P<name>{_HAN}{{1,4}}?)(?=先生|女士|小姐|同学|老师|经理|师傅|您好|你好)")
#: What may follow a Chinese name and is no part of one.
_ZH_AFTER = set(
    "的在想要是有和跟与及电手地住号联说问买退换给您你我他她它们了吗呢吧啊把被从到去来先女小老客订单邮身收，也就还没请"
)
#: What follows "我是" and "您好" and is nobody's name.
_ZH_NOBODY = listed("nobody_zh.txt")


#: Characters of things, deeds and forms of address, which are in no name.
_ZH_THINGS = set(
    "谢卡杯瓶袋机器灯锅壶碗包鞋裤裙衣帽袜箱盒桌椅床柜毯枕巾刷笔本书表钟镜架板垫帐篷炉电话手货单价钱款"
    "费券码号址店铺家馨们么吗的了是有没在"
)
_ZH_THINGS |= set(
    "您你我他她它请问想要能可以会不到去来发送退换买卖收付用户客服快递物流地区省市县路街村镇年月日天时分秒点个件双套份"
)


def find_names(text: str) -> Iterator[Span]:
    """Spans of names with their titles ("Dr. Jane Doe"), perhaps overlapping, the surest first."""
    runs = list(_runs(text))
    for run in runs:
        if _SURE_CUE.search(text[max(0, run[0][0] - 40) : run[0][0]]) and _word(text, run[0]).lower() not in _NOBODY:
            yield _whole(text, run)
    yield from _lowercase(text)
    for run in runs:
        before = text[max(0, run[0][0] - 40) : run[0][0]]
        if _TITLE.search(before):
            yield _whole(text, run)
        elif (found := _known(text, run, cued=_CUE.search(before) is not None)) is not None:
            yield _whole(text, found)
    yield from _chinese(text)


# --- Latin letters ---------------------------------------------------------------------------------------------------


def _runs(text: str) -> Iterator[list[Span]]:
    """Capitalised words side by side, with the particles between them and initials."""
    tokens = [match.span() for match in _TOKEN.finditer(text)]
    run: list[Span] = []
    for token in tokens:
        word = _word(text, token)
        gap = text[run[-1][1] : token[0]] if run else ""
        initial = run and run[-1][1] - run[-1][0] == 1
        near = bool(run) and (gap == " " or (initial and gap in {". ", "."}))
        if near and (word[0].isupper() or word in _PARTICLES):
            run.append(token)
            continue
        yield from _closed(text, run)
        run = [token] if word[0].isupper() else []
    yield from _closed(text, run)


def _closed(text: str, run: list[Span]) -> Iterator[list[Span]]:
    while run and not _word(text, run[-1])[0].isupper():
        run = run[:-1]
    # "Dr. Jane Doe": the title belongs to the name, not to the words that are looked up.
    while run and re.fullmatch(_TITLES, _word(text, run[0])):
        run = run[1:]
    while run and _word(text, run[-1]) in _SUFFIXES:
        run = run[:-1]
    if run:
        yield run


def _word(text: str, span: Span) -> str:
    return text[span[0] : span[1]]


def _whole(text: str, run: list[Span]) -> Span:
    """From the title to the suffix."""
    start, end = run[0][0], run[-1][1]
    if title := _TITLE.search(text[max(0, start - 12) : start]):
        start -= len(title.group())
    if suffix := _SUFFIX.match(text, end):
        end = suffix.end()
    return start, end


def _known(text: str, run: list[Span], *, cued: bool) -> list[Span] | None:
    """The part of the run that is a name by the lists."""
    kinds = [_kind(_word(text, token), alone=len(run) == 1) for token in run]
    while kinds and kinds[0] in "op":
        run, kinds = run[1:], kinds[1:]
    # An unknown word after a known one is a surname, two are something else: "Anna Flask Holder".
    end = len(kinds)
    for place, kind in enumerate(kinds):
        if kind == "o" and (place == 0 or kinds[place - 1] == "o"):
            end = place - 1 if place else 0
            break
    run, kinds = run[:end], kinds[:end]
    real = [kind for kind in kinds if kind in "gsai"]
    if "g" in kinds or (len(real) >= 2 and "s" in kinds and kinds[-1] in "gsa"):
        return run
    alone = len(run) == 1 and kinds[0] in "sa" and _word(text, run[0]).lower() not in _NOBODY
    return run if cued and alone else None


def _kind(word: str, *, alone: bool) -> str:
    """``g``iven name, ``s``urname, ``a``mbiguous, ``i``nitial, ``p``article or ``o``ther."""
    if len(word) == 1:
        return "i" if word not in "IA" else "o"
    if word in _PARTICLES:
        return "p"
    shape = word.capitalize() if word.isupper() and not alone else word
    parts = [part for part in re.split(r"-", shape) if part]
    if any(part in listed("given_names.txt") for part in parts):
        return "g"
    if shape in listed("surnames.txt") or any(part in listed("surnames.txt") for part in parts):
        return "s"
    if re.fullmatch(r"(?:Mc|Mac|O['’]|D['’]|Fitz)[A-Z]\w+", word):
        return "s"
    return "a" if shape in listed("ambiguous_names.txt") else "o"


_LOWER = re.compile(
    r"(?i:\b(?:my (?:full )?name is|my name's|i am called|name\s*[::]))\s*([a-z][a-z'-]+(?: [a-z][a-z'-]+)?)"
)


def _lowercase(text: str) -> Iterator[Span]:
    """ "my name is anna meyer": who writes without capitals still has a name."""
    for match in _LOWER.finditer(text):
        first, _, last = match[1].partition(" ")
        known = [_kind(part.capitalize(), alone=True) in "gsa" for part in (first, last) if part]
        if known[0]:
            yield match.start(1), match.end(1) if all(known) else match.start(1) + len(first)


# --- Chinese ---------------------------------------------------------------------------------------------------------


def _chinese(text: str) -> Iterator[Span]:
    for match in _ZH_CUE.finditer(text):
        if length := _zh_length(match["name"]):
            yield match.start("name"), match.start("name") + length
    for match in _ZH_TITLE.finditer(text):
        name = match["name"]
        for size in (3, 2, 1):
            if len(name) >= size and (size == 1 or _zh_length(name[-size:]) == size) and _is_surname(name[-size:]):
                if size > 1 or not text[match.end() :].startswith(("您好", "你好", "师傅", "同学")):
                    yield match.end() - size, match.end()
                break
    if re.search(_HAN, text):
        before, begun = "", 0
        for word, tag, start in tagged_words(text):
            # The tagger takes a surname before a given name for a word of its own.
            if tag == "nr" and before in listed("surnames_zh.txt") and len(word) <= 2 and not _ZH_THINGS & set(word):
                yield begun, start + len(word)
            elif (
                tag == "nr"
                and 2 <= len(word) <= 4
                and _is_surname(word)
                and word not in _ZH_NOBODY
                and not _ZH_THINGS & set(word[1:])
            ):
                yield start, start + len(word)
            before, begun = word, start


def _is_surname(name: str) -> bool:
    known = listed("surnames_zh.txt")
    return name[:1] in known or name[:2] in known


def _zh_length(name: str) -> int:
    """How many characters of ``name`` are one; 0 where it begins with no surname."""
    if any(name.startswith(word) for word in _ZH_NOBODY):
        return 0
    known = listed("surnames_zh.txt")
    family = 2 if name[:2] in known and len(name) > 2 else 1
    if name[:family] not in known:
        return 0
    given = 0
    for char in name[family : family + 2]:
        if char in _ZH_AFTER:
            break
        given += 1
    return family + given if given else 0
