"""Texts with made-up personal data and its spans, for ``manage.py evaluate privacy``.

    python bench/privacy.py /tmp/cases.jsonl --seed 77 [--templates presidio/templates.txt]

Templates are our own, in both languages, and those of a file with a sentence a line; the values come from Faker, of
many countries. What stands in for a slot that is no personal data (a city, a company) is marked to be ignored.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faker import Faker

COUNTRIES = (
    *("en_US", "en_US", "en_GB", "en_CA", "en_AU", "en_IN"),
    *("de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE"),
)
#: Each slot's type and the method of Faker that fills it, in the country of the text or in one that always has it.
SLOTS: dict[str, tuple[str, str, str]] = {
    **dict.fromkeys(("person", "name"), ("NAME", "name", "")),
    **{name: ("NAME", name, "") for name in ("first_name", "last_name", "name_male", "name_female")},
    "first_name_male": ("NAME", "first_name_male", ""),
    "first_name_female": ("NAME", "first_name_female", ""),
    "first_name_nonbinary": ("NAME", "first_name", ""),
    "last_name_male": ("NAME", "last_name", ""),
    "last_name_female": ("NAME", "last_name", ""),
    "address": ("ADDRESS", "address", ""),
    "street_address": ("ADDRESS", "street_address", ""),
    "phone": ("PHONE", "phone_number", ""),
    "phone_number": ("PHONE", "phone_number", ""),
    "email": ("EMAIL", "email", ""),
    "card": ("CARD", "credit_card_number", "en_US"),
    "credit_card_number": ("CARD", "credit_card_number", "en_US"),
    "iban": ("IBAN", "iban", "de_DE"),
    "ip_address": ("IP", "ipv4", "en_US"),
    "url": ("URL", "url", "en_US"),
    "domain_name": ("URL", "domain_name", "en_US"),
    "us_ssn": ("ID_NUMBER", "ssn", "en_US"),
    "id_card": ("ID_NUMBER", "ssn", "zh_CN"),
    "order": ("ORDER", "", ""),
}
ENGLISH = """\
Where is my order {{order}}? It should go to {{address}}.
Hi, this is {{person}}, my phone is {{phone}}.
my name is {{person}} and I never got order #{{order}}
Please change the address to {{address}}, thanks.
Refund me to IBAN {{iban}} please
{{person}} ordered the mug for me, can you call {{phone}}?
Can you email {{email}} about order {{order}}?
Is the Finch Bird Feeder in stock? Ask {{first_name}}.
My card {{card}} was charged twice on 2026-11-03, 49.90 EUR.
Do you ship to Germany?
How long is the warranty on the Linen Shelter?""".splitlines()
CHINESE = """\
你好，我叫{{person}}，电话{{phone}}，订单{{order}}还没到
请把地址改成{{address}}，收件人{{person}}
订单号{{order}}想退款，退到银行卡{{card}}
我的身份证号是{{id_card}}，可以实名吗
联系{{person}}女士，手机{{phone}}
{{person}}说马克杯碎了一个，怎么处理
邮箱{{email}}收不到发票
寄到{{address}}，谢谢
这个马克杯有货吗，多久发货？
能不能便宜点，双十一有活动吗
我是{{person}}，上周买的茶壶想换货
收货人：{{person}}，电话：{{phone}}，地址：{{address}}
您好，{{person}}的包裹丢了
我想要退货，买的是高级温馨台灯""".splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("target", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--templates", type=Path, help="more English templates, one a line")
    options = parser.parse_args()
    Faker.seed(options.seed)
    writer = Writer(random.Random(options.seed))
    given = options.templates.read_text(encoding="utf-8", errors="replace").splitlines() if options.templates else []
    rows = [writer.row(text.replace("\\n", "\n"), "en") for text in given + ENGLISH * 8]
    rows += [writer.row(text, "zh-hans") for text in CHINESE * 12]
    options.target.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(f"{len(rows)} texts")


class Writer:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._makers = {country: Faker(country) for country in {*COUNTRIES, "zh_CN"}}

    def row(self, template: str, locale: str) -> dict[str, Any]:
        """The filled template and its spans, offsets in code points."""
        country = "zh_CN" if locale == "zh-hans" else self._chance.choice(COUNTRIES)
        text, position, spans = "", 0, []
        for slot in re.finditer(r"\{\{(\w+)\}\}", template):
            text += template[position : slot.start()]
            position = slot.end()
            kind, value = self._value(slot[1], country)
            span = {"start": len(text), "end": len(text) + len(value), "type": kind or "NAME"}
            spans.append(span if kind else span | {"ignore": True})
            text += value
        return {"text": text + template[position:], "locale": locale, "spans": spans}

    def _value(self, slot: str, country: str) -> tuple[str, str]:
        if slot == "order":
            return "ORDER", str(self._chance.randint(10_000, 99_999))
        if slot in SLOTS:
            kind, method, fixed = SLOTS[slot]
            make: Callable[[], str] = getattr(self._makers[fixed or country], method)
            return kind, make()
        maker = self._makers["en_US"]
        if "prefix" in slot:
            return "", "Mr." if slot.endswith("_male") else "Ms."
        if slot in {"city", "country", "state"}:
            return "", maker.city()
        return "", maker.company() if "org" in slot or "company" in slot else maker.word()


if __name__ == "__main__":
    main()
