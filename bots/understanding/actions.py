"""Which action a shopper asks to be done, and for which reason: canonical words, by cues in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bots.expressions.folding import fold

_WANT = (
    r"\b(?:i(?:'d| would)? (?:like|love|want|wanna|need|wish)|i'm asking for|please|pls|plz|can (?:i|you|u"
    r"|we)|could (?:i|you|we)|will you|would you|"
    r"may i|let me|help (?:me|with|to)|assistance (?:with|to)|i demand|i request|give me|get me|i'll"
    r"|we (?:want|need|would like)|(?:want|need) (?:an?|my|the|it|them)|i have to"
    r"|i must|want to|need to|"
    r"how about|instead)\b"
)

#: Words of each action. They count where the clause asks for something, or where the phrase itself is a demand.
_WORDS: dict[str, str] = {
    "cancel": (
        r"\b(?:cancel(?:l?ing|l?ation|l)?|cancle|cancal|cansel)\b"
        r"|\bcall off\b|\bvoid my order\b|\bundo (?:it|my order)\b|\bdon'?t ship\b"
        r"|\bstop my order\b"
        r"|取消|撤单|撤销订单|别发货|先别发|不要发货|关掉这单"
    ),
    "exchange": (
        r"\b(?:exchange|swap|trade)\b|\breplacement\b|\breplace\b|换货|换一[个件双套条]|换(?:个|成|大|小|其他"
        r"|别的|颜色|码|尺)|更换|换[A-Z\d]|换新|换(?:成)?[^个,。?!\s]{1,8}(?:味|色|款|码|号|尺寸)"
    ),
    "change_address": (
        r"\b(?:change|update|correct|fix|edit|modify|chang\w+|redirect)\b[^.?!]{0,30}\b(?:add?ress|postcode|zip"
        r"|street|delivery details|shipping details)\b"
        r"|\b(?:send|ship|deliver)\b[^.?!]{0,40}\bto\b[^.?!]{0,60}\binstead\b"
        r"|\b(?:send|ship|deliver) (?:order )?#?[A-Z]{0,5}-?\d{3,20} to\b"
        r"|\b(?:send|ship|deliver|redirect)\b[^.?!]{0,25}(?:\b(?:different|another"
        r"|new)\b[^.?!]{0,12}\b(?:address|place)\b|\bto my (?:office|work|parents|home|house)\b)"
        r"|\bredirect\b|\bmoved\b[^?]{0,60}\b(?:send|ship|deliver)\b|\b(?:wrong|incorrect|old) address\b"
        r"|\bnew address(?: is)?\s*:|改(?:一下|下|个)?(?:收货|收件|送货|配送)?(?:地址|信息)|(?:换|修改|更新"
        r"|变更|更改)(?:一下|下|个)?(?:收货|收件|送货|配送)?(?:地址|信息)"
        r"|地址(?:改|换|更新|变更|修改)(?:一下|下|成|为|到)|寄到.{1,12}(?:去|吧)|改派|改送|地址(?:写|填|选)?错|新地址[::是]|改寄"
    ),
    "resend": (
        r"\b(?:re-?send|re-?ship)\b|\bsend (?:me )?(?:a new one|another(?: one)?|it again|a new parcel"
        r"|the missing)\b|\bjust send (?:me )?(?:a )?(?:new|another)|补发|重发|重新发货|再发一|重新寄|补寄"
        r"|再寄一"
    ),
    "return": (
        r"\breturn(?:ing)?\b|\bsend(?:ing)? (?:it |this |them |these |the \w{1,20} )?back\b"
        r"|\bgive (?:it|them) back\b|退货|退掉|退回去"
        r"|想退了|要退了|寄回|退[一两二三四五六七八九十\d]{1,2}[个件双只套条]"
    ),
    "refund": (
        r"\brefund(?:ed|ing)?\b|\bmoney back\b|\breimburse\w*\b|\breturn my money\b|\bcompensat\w+\b"
        r"|退款|退钱|退我钱|退.{1,8}的钱|把钱退|钱退(?:给|我)|退还|退差价|仅退|退\s?[\d¥]"
        r"|退[一二两三四五六七八九十百]+[元块]|能退|返还|赔钱|退一下"
    ),
    "change_payment": (
        r"\b(?:change|switch|use)\b[^.?!]{0,25}\b(?:payment method|different card|another card)\b"
        r"|\bpay with\b[^.?!]{0,20}\binstead\b"
        r"|(?:换|改|更换|修改)(?:个|一下)?(?:支付方式|付款方式|卡)"
    ),
    "change_items": (
        r"\b(?:add|remove|swap)\b[^.?!]{0,40}\b(?:to|from|in) (?:my|the|order)\b[^.?!]{0,12}\b(?:order|#?\d+)\b"
        r"|\bchange the (?:quantity|items?|colou?r) (?:in|of|on) (?:my|the) order\b"
        r"|订单里?(?:再|面)?(?:加|去掉|减|换)|数量改|加到订单|原订单.{0,4}加"
    ),
    "place_order": (
        r"\b(?:place|make) (?:an?|the|this) order\b|\b(?:buy|buying)\b"
        r"|(?<!my )(?<!the )(?<!of )(?<!this )(?<!last )\bpurchas(?:e|ing)\b(?!\s+#?\d)|\border (?:me "
        r"|for me |a |an |one|two"
        r"|three|\d{1,2}\b|the |this|these|some )"
        r"|\bi'll (?:take|have)\b|\bget me (?:a|one|two|\d)|\breorder\b|下单|我要买|想买|购买|订购|帮我(?:拍|订"
        r"|买)|来[一两二三四五六七八九十\d]+[个件套条双只]|再买|复购|要[两二三四五六七八九十\d]+[个件套条双只]"
    ),
}
_DEMAND = re.compile(
    rf"{_WANT}|\b(?:asap|now|immediately)\b|\brequest\b|请|麻烦|帮|给我|我要|我想|想要|要求|申请|办理"
    rf"|可以吗|能吗|[能可][以]?[退换]|能不能|可不可以|能否|行吗|好吗|谢谢|吧|要|想|希望|赶紧|马上|把",
    re.IGNORECASE | re.ASCII,
)
_IMPERATIVE = re.compile(
    r"^(?:hi|hello|hey|please|pls|ok|so|then|just|yes|also|and|,|\s)*"
    r"(?:(?:assistance|help)(?: me)?(?: with| to)?\s+)?(?:cancell?ing|refunding|returning|exchanging"
    r"|changing|cancel|cancle|cancal|cansel|refund|return"
    r"|exchange|swap|replace|resend|re-send|change|update|ship|send|deliver"
    r"|redirect"
    r"|correct|fix|add|remove|buy|order|purchase|place|give|stop|void|don'?t ship)\b"
    r"|(?:取消|退款|退货|换货|退钱|补发|重发|改地址)\W*$|^\W*(?:取消|退款|退货|换货|退钱|改地址|补发|重发"
    r"|下单|买|换|来)",
    re.IGNORECASE | re.ASCII,
)
#: Questions about how things are done, not wishes that they be done.
_MERE_QUESTION = re.compile(
    r"\bhow (?:long|much|many|soon|often)\b|\bhow (?:do|can|does|should|would|to)\b|\bwhat(?:'s| is| are"
    r"| if| happens| do i)\b|\bwhen (?:will|do|does|can|is)\b|\bwhere\b|\bwhy\b|\bwho pays\b"
    r"|\bpolicy\b|\bpolicies\b|\bconditions?\b|\bdo you (?:offer|accept|allow|take|give|have|refund|provide"
    r"|do)\b|\bdo i (?:need|have|get)\b|\bam i (?:eligible|able|allowed)\b|\bis (?:it|there)\b"
    r"|\bare (?:there|returns|refunds|exchanges)\b"
    r"|\bstatus\b|\bwill (?:i|my)\b|\bhas (?:my|the)\b|\bhave you\b|\bdid you\b|\bcan (?:an?|gifts?|items?"
    r"|orders?|sale items?|products?) \b|\bin (?:which|what) cases\b|\bwindow\b|\b(?:fees?|charges?|eta"
    r"|updates?)\b|\bcan i (?:place|make) an order\b|\bwhich\b"
    r"|\bcan i (?:return|exchange|cancel) (?:an? |any |opened |sale |items?\b|products?\b|things?\b"
    r"|something\b|gifts?\b|orders?\b|after\b|within\b|without\b)"
    r"|\b(?:can|could|may|might) (?:i|we|you|one) (?:still )?(?:return|exchange|cancel|swap|send|give|bring|take)"
    r" (?:back )?(?:something|anything|things|stuff|items|an? (?:item|order|product|plant|gift|thing)s?)\b"
    r"|\bis it possible to (?:return|exchange|cancel|swap|send back)\b"
    r"|多久|怎么|如何|什么|哪里|哪儿|到哪|几天|多少|为什么|政策|规则|流程|规定|条件|手续费|运费谁|谁出|到账|进度"
    r"|到了没|批下来|审核|处理了吗|退款呢|还没退|没到|没收到(?:钱|退款)|是不是|会不会"
    r"|下单.{0,10}(?:能|会|可以).{0,3}(?:发|到|送)|支持.{0,8}(?:吗|么)|(?:拆开|特价|礼物|超过|没有包装).{0,10}(?:能|可以)|运费险|上门取件",
    re.IGNORECASE | re.ASCII,
)
#: "How do I cancel order 10533?" asks for it to be done; without the number it asks how things are done.
_HOW_TO = re.compile(
    r"\bhow (?:do|can|could|should|to)\b|\bknow how\b|\bwhat (?:do i|should i)\b|怎么|如何", re.IGNORECASE | re.ASCII
)
_ORDER_NUMBER = re.compile(r"(?<![\w.$¥€£])#?[A-Z]{0,4}\d{4,20}(?![\w%])", re.ASCII)
_NOT_AN_ORDER = re.compile(
    r"\b(?:newsletter|subscription|account|membership)\b|账[号户]|会员|订阅", re.IGNORECASE | re.ASCII
)
#: What of an account is "changed" or "given back" is none of the goods.
_NOT_GOODS = re.compile(
    r"\b(?:password|e-?mail|username|login|phone number|profile)\b|邮箱|密码|手机号|登录|头像|昵称|绑定|账单|语言",
    re.IGNORECASE | re.ASCII,
)
_ON_GOODS = {"exchange", "return", "refund", "resend"}
#: "It is not wanted, can it go back?" names no money: a return. Money is asked for in so many words.
_GOES_BACK = re.compile(r"[能可]以?退|退一下", re.ASCII)
_MONEY = re.compile(r"退款|退钱|钱|款|元|块|\b(?:refund\w*|money)\b", re.IGNORECASE | re.ASCII)
_UNWANTED = {"no_longer_needed", "does_not_fit", "ordered_by_mistake"}
_NEGATED = re.compile(
    r"(?:\b(?:don'?t|do not|not|never|no need to|without|rather than|instead of)\b[^,.;]{0,14}|不(?:要|想"
    r"|用|需要|是要|打算)?|别|没(?:有)?|不是)$",
    re.IGNORECASE | re.ASCII,
)
#: "Wait, don't cancel it" after one asked for it; not "I was not refunded", nor "don't refund it to the card".
_TAKES_BACK = re.compile(
    r"(?:(?<!you )(?<!they )(?<!why )\b(?:don'?t|do not|never ?mind)(?: (?:yet|please|just|want to|want you to))?"
    r"(?: the)? ?|(?:别|不要|不用)(?:再|给我|帮我)?)$",
    re.IGNORECASE | re.ASCII,
)
_NO_MORE = re.compile(r"(?<![还都么])不$")  #: … and 了 after it: 不取消了
_SOME_OTHER_WAY = re.compile(
    r" ?(?:it |me |the money |my order )?(?:to|on|onto|by|via|with|into|as)\b|[到至给成进]|款[到至给成进]",
    re.IGNORECASE | re.ASCII,
)
_PAST = re.compile(r"\b(?:was|were|been|already|have|has|had|i|you|they)\s+(?:already )?$", re.IGNORECASE | re.ASCII)

#: The address named in one clause, what it becomes in the next: "地址填错了，能改成…吗".
_NEW_ADDRESS = re.compile(r"地址.{0,30}(?:改成|改为|换成|改到).{0,40}(?:路|街|道|巷|号|区|村|镇)", re.ASCII)

#: What somebody only wants to know before they decide.
_HYPOTHETICAL = re.compile(
    r"\b(?:just|only) (?:asking|wondering|curious)\b|\bhypothetical|\bnot (?:doing|asking for) (?:it|that) yet"
    r"|\bif i (?:wanted|decided?|were|ever)\b|\bin case i\b"
    r"|只是(?:问问|想问|了解)|随便问问|先问一下|(?:假如|如果)我(?:想|要)",
    re.IGNORECASE | re.ASCII,
)
#: Who wants to buy and asks what has not chosen yet.
_ADVICE = re.compile(r"推荐|什么好|哪[款个种]好|\b(?:recommend|suggest|which one|any ideas)", re.IGNORECASE | re.ASCII)

REASONS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE | re.ASCII)
    for name, pattern in {
        "damaged": (
            r"\b(?:broken?|broke|damaged?|crack(?:ed|s)?|shatter(?:ed)?|dent(?:ed|s)?|torn|ripped|defect(?:ive)?"
            r"|faulty|scratch(?:ed|es)?|leak(?:s|ing|ed)?|smashed|chipped|bent|stain(?:s|ed)?"
            r"|mould(?:y)?|moldy|snapped|ruined|crushed|squashed|misprint(?:ed|s)?|soaked|soaking wet|melted"
            r"|rotten|stale|expired"
            r"|in (?:pieces|bits)|pages (?:are )?missing|\w+ missing pages"
            r"|(?:a|big|huge|small|large|little) (?:tear|rip|hole)|holes|dead on arrival"
            r"|(?:stopped|not|isn'?t|doesn'?t|does not|won'?t) (?:work\w*|turn on|switch on)|came off"
            r"|fell apart)\b|碎|破损|破了|坏|裂|压扁|漏水|划痕|断了|不亮|打不开|瑕疵|摔|质量问题|用不了|污渍"
            r"|变质|发霉|过期|受潮|压烂|烂了|化了|湿透|泡水|撕|缺页|印错|变形|漏(?:了(?![一二两几\d])|液|光|出来)|洒(?:了|出)"
        ),
        "wrong_item": (
            r"\b(?:wrong (?:item|product|colou?r|size|one|thing|model|order)|(?:different|another) (?:item"
            r"|product|colou?r|one) (?:than|from)|not what i ordered|someone else'?s)\b"
            r"|but (?:i )?(?:ordered|got|received)|发错|错货|不是我(?:买|拍|订|要)的|颜色不对|尺码不对"
            r"|型号不对|货不对"
        ),
        "missing_item": (
            r"\b(?:missing|incomplete|only (?:got|received|one)|forgot to pack|not in the box|empty (?:box"
            r"|parcel|package)|was empty)\b|少发|漏发|漏了[一二两几\d]|少了|缺(?:少|了|个|配件)"
            r"|只(?:有|收到|来了)一|没发全|空包"
        ),
        "not_as_described": (
            r"\b(?:not as (?:described|advertised|pictured|shown)|nothing like|different from the (?:picture"
            r"|photo|website|description)|looks different|poor quality|bad quality|misleading)\b"
            r"|与描述不符|描述不符|不符合描述|和(?:图片|描述|照片)不(?:一样|符)|货不对板|色差|质量(?:太|很)?差|实物"
        ),
        "does_not_fit": (
            r"\b(?:does(?:n'?t| not) fit|do(?:n'?t| not) fit|too (?:small|big|large|tight|loose|long|short|wide"
            r"|narrow)|wrong fit|larger size|smaller size|bigger (?:one|size)|size up)\b"
            r"|太[大小紧松长短]|偏[大小]|不合适|不合身|穿不(?:上|下|了)|大一码|小一码|小了|大了|紧了"
            r"|尺码不(?:合适|合)"
        ),
        "never_arrived": (
            r"\b(?:never (?:arrived|came|received|got)|(?:not|n'?t) (?:arrived|received|gotten?|got|come"
            r"|delivered)|did(?:n'?t| not) (?:arrive|come|receive|get)|still (?:hasn'?t|not) (?:come|arrived|here)"
            r"|(?:hasn'?t|has not) (?:come|arrived|turned up)|haven'?t (?:received|got)|got nothing"
            r"|nothing (?:came|arrived)|lost|no(?:t)? (?:show|sign of)|(?:still|yet)? ?(?:isn'?t|is not|not) here)\b"
            r"|没(?:有)?收到|未收到|没到|一直没来|丢(?:了|件)|还没拿到|没拿到货"
        ),
        "arrived_late": (
            r"\b(?:arrived (?:too )?late|(?:is|are|was|so|very|too|running|weeks?|days?) late|came late|delivered late"
            r"|late delivery|overdue|delayed)\b"
            r"|太晚|晚到|迟到|延误|来晚|超时|太慢"
        ),
        "ordered_by_mistake": (
            r"\b(?:(?:ordered|bought|chose|picked|selected|clicked) (?:in |on )?the wrong|by mistake"
            r"|accident(?:ally)?|by accident|mistakenly|ordered twice|duplicate"
            r"|wrong item in my cart)\b|拍错|买错|下错|点错|手滑|误拍|重复(?:下单|拍|买)|拍重|买重"
        ),
        "better_price": (
            r"\b(?:cheaper|better price|lower price|price (?:dropped|drop)|found it for less)\b|更便宜|便宜了"
            r"|降价|差价|价格更低"
        ),
        "no_longer_needed": (
            r"\b(?:no longer (?:need|want)|(?:don'?t|do not) (?:need|want) (?:it|this|them|the|my|that|these)"
            r"|chang\w* my mind|not need\w* (?:it )?any ?more|any ?more)\b"
            r"|不想要|不需要|不要了|不爱|不合口味|用不(?:上|着)|改主意|不喜欢|后悔|不买了"
        ),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Wish:
    """``action`` is canonical or ``None``; ``reason`` is canonical or ``None``."""

    action: str | None
    reason: str | None


_PATTERNS = {action: re.compile(pattern, re.IGNORECASE | re.ASCII) for action, pattern in _WORDS.items()}
_MONEY_FOR = {"damaged", "wrong_item", "not_as_described"}


def read_wish(clauses: list[str], text: str) -> Wish:
    """What is to be done and why. A mere question ("how long do refunds take?") wishes for nothing.

    ``clauses`` are those of ``text``. Of several wishes the most far-reaching kind is taken once: a return "for a
    refund" is a return, unless the goods are damaged or wrong, where the money is what is asked for.
    """
    reason = read_reason(text)
    if _HYPOTHETICAL.search(fold(text)):
        return Wish(None, reason)
    found: list[str] = []
    for clause in map(fold, clauses):
        wished = _wishes(clause)
        found = [action for action in found if action in wished or not _takes_back(action, clause)] + wished
    if not found and _NEW_ADDRESS.search(fold(text)):
        found = ["change_address"]
    if not found:
        return Wish(None, reason)
    if reason in _UNWANTED and _GOES_BACK.search(fold(text)) and not _MONEY.search(fold(text)):
        found = ["return" if action == "refund" else action for action in found]
    if {"return", "refund"} <= set(found) and reason in _MONEY_FOR:
        return Wish("refund", reason)
    if "exchange" in found and "refund" in found:
        return Wish(min(("exchange", "refund"), key=found.index), reason)
    if set(found) == {"place_order"} and _ADVICE.search(fold(text)):
        return Wish(None, reason)
    order = list(_WORDS)
    return Wish(min(set(found), key=order.index), reason)


def refused_actions(clauses: list[str]) -> set[str]:
    """The actions that are named in order not to be done: "don't cancel it"."""
    return {
        action
        for clause in map(fold, clauses)
        for action, pattern in _PATTERNS.items()
        for match in pattern.finditer(clause)
        if _NEGATED.search(clause[: match.start()])
    }


def _takes_back(action: str, clause: str) -> bool:
    """Whether the clause says not to do what an earlier one asked for."""
    for match in _PATTERNS[action].finditer(clause):
        before, after = clause[: match.start()], clause[match.end() :]
        if _TAKES_BACK.search(before) and not _SOME_OTHER_WAY.match(after):
            return True
        if _NO_MORE.search(before) and after.startswith("了"):
            return True
    return False


def read_reason(text: str) -> str | None:
    """The canonical reason that is named first."""
    folded = fold(text)
    matches = [(match.start(), name) for name, pattern in REASONS.items() if (match := pattern.search(folded))]
    return min(matches)[1] if matches else None


def _wishes(clause: str) -> list[str]:
    if _MERE_QUESTION.search(clause) and not (_HOW_TO.search(clause) and _ORDER_NUMBER.search(clause)):
        return []
    if _NOT_AN_ORDER.search(clause):
        return []
    asks = any(pattern.search(clause) for pattern in (_DEMAND, _IMPERATIVE, _HOW_TO))
    found = []
    for action, pattern in _PATTERNS.items():
        for match in pattern.finditer(clause):
            before = clause[: match.start()]
            demanded = asks or action == "change_address"
            if not demanded or (
                _NEGATED.search(before) and not match.group().startswith(("don", "stop", "别", "先别", "不要"))
            ):
                continue
            if action in _ON_GOODS and _NOT_GOODS.search(clause):
                continue
            if match.group().lower().endswith("ed") and _PAST.search(before):
                continue
            found.append((match.start(), action))
            break
    return [action for _, action in sorted(found)]
