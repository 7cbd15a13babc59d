"""Chat language as it would be written: what an encoder and a word index learnt from texts, not from chats.

Emoji and repeated marks go, full-width letters become plain, and words of dialect, of the chat and of a shopper's
mixed English become the ones that FAQs use. The tables hold what dictionaries of net language list; nothing in them
depends on a merchant.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
#: Pictures, their modifiers and joiners; kaomoji and the bracketed faces of messengers go as well.
_PICTURES = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+"
    "|\\[[\u4e00-\u9fff]{1,3}\\]"
)
_REPEATED = re.compile(r"([!?,.~…，。!?～、])\1+|(?<=[\u4e00-\u9fff])[~～…]+")
_SPACES = re.compile(r"\s+")
_POLITE = re.compile(
    r"^(?:(?:亲爱的|亲+(?![子手自属人友口戚水])|您好|你好|哈[喽啰]|嗨|在吗|在不在|请问一?下?|(?:我?想|麻烦)问一?下|话说"
    r"|(?:老板娘?|店家|掌柜的?|客服|小二|美女|帅哥)(?=[,，。!！?？~\s]))[,，。!！?？~\s]*)+(?=.{2})"
)

#: Dialect and chat; what must not follow stands behind the bar.
_CHINESE = {
    "肿么": "怎么", "咋个": "怎么", "咋整": "怎么办", "咋办": "怎么办", "咋滴": "怎么", "咋样": "怎么样",
    "咋": "怎么",
    "啥时候": "什么时候", "啥时": "什么时候", "几时": "什么时候", "多会儿": "什么时候", "多咱": "什么时候",
    "啥子": "什么", "为啥": "为什么", "为毛": "为什么", "啥": "什么", "神马": "什么", "甚么": "什么",
    "木有": "没有", "木油": "没有", "有冇": "有没有", "冇": "没有", "没得|到": "没有", "莫得": "没有",
    "晓不晓得": "知不知道", "晓得": "知道", "行伐": "行吗", "好伐": "好吗", "是伐": "是吗", "得唔得": "可以吗",
    "中不中": "可以吗",
    "行不|行": "行吗", "成不|成": "可以吗", "能不|能": "能不能", "可不|可": "可不可以", "不得行": "不行",
    "得行|动": "可以",
    "俺": "我", "侬": "你", "恁": "你", "阿拉|伯": "我们", "我滴": "我的", "滴话": "的话", "酱紫": "这样",
    "灰常": "非常",
    "忒": "太", "贼": "很", "倍儿": "很", "巴适": "好", "东东": "东西", "宝贝": "商品", "票票": "发票",
    "退钱": "退款",
    "快递小哥": "快递员", "拼夕夕": "拼多多", "某宝": "淘宝", "稀饭": "喜欢", "用不起": "不能用", "用不鸟": "不能用",
}  # fmt: skip
#: English and initials within a Chinese sentence.
_MIXED = {
    "refund": "退款", "cod": "货到付款", "coupon": "优惠券", "size": "尺码", "sf": "顺丰", "ems": "邮政快递",
    "app": "应用",
    "invoice": "发票", "order": "订单", "return": "退货", "exchange": "换货", "cancel": "取消", "vip": "会员",
    "member": "会员",
    "address": "地址", "delivery": "配送", "shipping": "运费", "stock": "库存", "sale": "打折", "discount": "折扣",
    "password": "密码", "account": "账号", "pay": "付款", "payment": "付款", "gift": "礼品", "price": "价格",
    "color": "颜色",
    "check": "查", "logo": "标志", "email": "邮箱", "mail": "邮箱", "deposit": "定金", "policy": "政策",
    "zfb": "支付宝",
    "wx": "微信", "vx": "微信", "yhq": "优惠券",
}  # fmt: skip
_ENGLISH = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "thx": "thanks", "ty": "thanks",
    "wanna": "want to", "gonna": "going to", "gotta": "have to", "gimme": "give me", "lemme": "let me",
    "dunno": "do not know", "cuz": "because", "coz": "because", "b4": "before", "2day": "today", "2moro": "tomorrow",
    "tmrw": "tomorrow", "asap": "as soon as possible", "msg": "message", "pw": "password", "pwd": "password",
    "acct": "account", "addr": "address", "qty": "quantity", "wat": "what", "wen": "when", "im": "i'm",
    "dont": "don't",
    "doesnt": "doesn't", "didnt": "didn't", "cant": "can't", "isnt": "isn't", "ive": "i've", "whats": "what's",
    "wheres": "where's", "hows": "how's", "thats": "that's", "havent": "haven't",
}  # fmt: skip
_WRITTEN = {word.partition("|")[0]: written for word, written in _CHINESE.items()}
_CHINESE_WORDS = re.compile(
    "|".join(
        f"{word}(?!{unless})" if unless else word
        for word, _, unless in (key.partition("|") for key in sorted(_CHINESE, key=len, reverse=True))
    )
)
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9']*")
_HAS_LETTER = re.compile(r"[^\W_]")


@lru_cache(maxsize=65_536)
def as_written(text: str) -> str:
    """``text`` for the search: NFKC, one line, no pictures, no greeting before a question, chat words written out.

    Empty when it holds no letter or digit.
    """
    plain = _SPACES.sub(" ", _PICTURES.sub(" ", unicodedata.normalize("NFKC", text))).strip()
    plain = _REPEATED.sub(lambda found: found[1] or "", plain)
    if _HAN.search(plain):
        plain = _POLITE.sub("", plain)
        plain = _CHINESE_WORDS.sub(lambda found: _WRITTEN[found[0]], plain)
        plain = _LATIN_WORD.sub(lambda found: _MIXED.get(found[0].lower(), found[0]), plain)
    else:
        plain = _LATIN_WORD.sub(lambda found: _ENGLISH.get(found[0].lower(), found[0]), plain)
    plain = plain.strip()
    return plain if _HAS_LETTER.search(plain) else ""
