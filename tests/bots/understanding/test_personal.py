"""Personal data by shape and by cue; and questions that hold none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.understanding.personal import find_personal

TODAY = date(2026, 11, 26)

FOUND = [
    ("Hi, my name is Anna Meyer, write to anna@example.com", [("NAME", "Anna Meyer"), ("EMAIL", "anna@example.com")]),
    ("order 10533 never came", [("ORDER", "10533")]),
    ("card 4111 1111 1111 1111 declined", [("CARD", "4111 1111 1111 1111")]),
    ("call +44 20 7946 0958 please", [("PHONE", "+44 20 7946 0958")]),
    ("DE89 3704 0044 0532 0130 00 is my IBAN", [("IBAN", "DE89 3704 0044 0532 0130 00")]),
    ("send it to 12 Baker Street", [("ADDRESS", "12 Baker Street")]),
    ("Kind regards, Sam", [("NAME", "Sam")]),
    ("我叫王小明，电话13812345678", [("NAME", "王小明"), ("PHONE", "13812345678")]),
    ("身份证11010519491231002X", [("ID_NUMBER", "11010519491231002X")]),
    ("加我微信号 abc_12345", [("ACCOUNT", "abc_12345")]),
    ("刘浩然您好，可以的", [("NAME", "刘浩然")]),
    (
        "It goes to 47 Old Mill Road, Apt 3B, Springfield, IL 62704 please",
        [("ADDRESS", "47 Old Mill Road, Apt 3B, Springfield, IL 62704")],
    ),
    ("Meine Adresse: Hauptstraße 5a, 10115 Berlin", [("ADDRESS", "Hauptstraße 5a, 10115 Berlin")]),
    ("Dr. Jane Doe Jr. ordered it", [("NAME", "Dr. Jane Doe Jr.")]),
    ("my name is anna meyer and i wait", [("NAME", "anna meyer")]),
    ("Grace Okafor paid for it", [("NAME", "Grace Okafor")]),
    ("(555) 123-4567 x12 is my number", [("PHONE", "(555) 123-4567 x12")]),
    ("my ip is 203.0.113.7 and 2001:db8::1", [("IP", "203.0.113.7"), ("IP", "2001:db8::1")]),
    ("ssn 078-05-1120, passport no. X1234567", [("ID_NUMBER", "078-05-1120"), ("ID_NUMBER", "X1234567")]),
    ("see https://shop.example/o?x=1.", [("URL", "https://shop.example/o?x=1")]),
    ("张伟想退货，联系李红梅女士", [("NAME", "张伟"), ("NAME", "李红梅")]),
    ("请改成浙江省杭州市西湖区文三路99号2幢301室 310013", [("ADDRESS", "浙江省杭州市西湖区文三路99号2幢301室 310013")]),
    ("上海市徐汇区漕溪北路398号5楼", [("ADDRESS", "上海市徐汇区漕溪北路398号5楼")]),
]
NONE = [
    "Can the Finch Bird Feeder be engraved with a name?",
    "Do you ship to Portugal?",
    "能送到乌鲁木齐市吗",
    "别家便宜 30 块，可以价格保护吗",
    "我是新客户，有优惠吗",
    "这个马克杯碎了，谢谢",
    "大了想换小一号，先等我20号再发",
    "Hi, My parcel came on 2026-11-03 at 10:30:15 for 1 299 000 IDR",
    "May I return the Linen Shelter? Will it rain in April?",
    "Can I send money from France to China?",
    "It weighs 12 kg and is 1.5 m long",
    "Open from 9:00 to 21:00 on 7 days",
]


@pytest.mark.parametrize(("text", "spans"), FOUND, ids=[text for text, _ in FOUND])
def test_personal_data_is_found(text: str, spans: list[tuple[str, str]]) -> None:
    assert [(span.kind, text[span.start : span.end]) for span in find_personal(text, today=TODAY)] == spans


@pytest.mark.parametrize("text", NONE)
def test_a_question_about_the_shop_holds_none(text: str) -> None:
    assert find_personal(text, today=TODAY) == ()


@given(st.text(max_size=200))
def test_spans_are_in_order_within_the_text_and_do_not_overlap(text: str) -> None:
    end = 0
    for span in find_personal(text, today=TODAY):
        assert end <= span.start < span.end <= len(text)
        end = span.end
