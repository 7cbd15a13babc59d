"""What FAQs say in figures, and where the rules say otherwise."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import a_rule, a_ruleset
from policy_strategies import rulesets

from cs_portal.policies.engine import Ruleset, load_shipped
from cs_portal.policies.engine.analysis import FaqText, Figure, claims, contradictions
from cs_portal.policies.engine.analysis.search import Space

DAYS, SHARE, FEE, FEE_PERCENT, CEILING = (
    Figure.DAYS, Figure.SHARE, Figure.FEE, Figure.FEE_PERCENT, Figure.CEILING,
)  # fmt: skip


def faq(answer: str, question: str = "") -> FaqText:
    return FaqText("f-1", "en" if answer.isascii() else "zh-hans", question, answer)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("You can return items within 30 days of delivery.", [(DAYS, 30, "return")]),
        ("Exchanges are possible within two weeks.", [(DAYS, 14, "exchange")]),
        ("We have a 7-day return window.", [(DAYS, 7, "return")]),
        ("Return it up to 15 days after delivery, exchange it within 30 days.",
         [(DAYS, 15, "return"), (DAYS, 30, "exchange")]),
        ("You may cancel within 2 days of ordering.", [(DAYS, 2, "cancel")]),
        ("Refunds take 5 to 7 business days.", []),
        ("You will receive your refund within 14 days.", []),
        ("Orders ship within 3 days.", []),
        ("A restocking fee of 15% applies to returns.", [(FEE_PERCENT, 15, "return")]),
        ("We refund 80% of the price.", [(SHARE, 80, "refund")]),
        ("Get 20% off your next order.", []),
        ("We refund up to $50.", [(CEILING, 5000, "refund")]),
        ("A restocking fee of €4.50 is deducted from the refund.", [(FEE, 450, "refund")]),
        ("签收后7天内可无理由退货。", [(DAYS, 7, "return")]),
        ("７天无理由退货", [(DAYS, 7, "return")]),
        ("签收后7天内可退货，15天内可换货。", [(DAYS, 7, "return"), (DAYS, 15, "exchange")]),
        ("三十天内可以退货。", [(DAYS, 30, "return")]),
        ("十五日内可以换货", [(DAYS, 15, "exchange")]),
        ("两周内可退货", [(DAYS, 14, "return")]),
        ("签收 15 天内，同款其他尺码有货就能换", [(DAYS, 15, "exchange")]),
        ("退款将在3个工作日内到账。", []),
        ("付款后48小时内发货。", []),
        ("最多退款200元", [(CEILING, 20_000, "refund")]),
        ("退款 ¥200 以内", [(CEILING, 20_000, "refund")]),
        ("退货需扣除 5 元手续费", [(FEE, 500, "return")]),
        ("退货收取10%的折旧费", [(FEE_PERCENT, 10, "return")]),
        ("退还百分之八十的货款", [(SHARE, 80, "refund")]),
    ],
)  # fmt: skip
def test_figures_that_are_read(answer: str, expected: list[tuple[Any, ...]]) -> None:
    assert [(item.figure, item.value, item.action) for item in claims(faq(answer))] == expected


def test_the_question_says_what_a_bare_answer_is_about() -> None:
    (claim,) = claims(faq("Within 30 days.", "How long can I return a damaged item?"))
    assert (claim.action, claim.reasons, claim.value) == ("return", frozenset({"damaged"}), 30)
    assert claims(faq("Within 30 days.", "How long is the warranty?")) == ()


@pytest.mark.parametrize(
    ("answer", "en", "zh"),
    [
        (
            "You can return items within 30 days of delivery.",
            "for a return the FAQ says 30 days, but by the rules it is allowed for 7 days, and a person decides until "
            "15 days: “You can return items within 30 days of delivery.”",
            "关于退货，问答写的是 30 天，而按规则可办理期限为 7 天，15 天内由人工判断："
            "“You can return items within 30 days of delivery.”",
        ),
        (
            "签收后14天内可换货。",
            "for an exchange the FAQ says 14 days, but by the rules it is allowed for 15 days: “签收后14天内可换货”",
            "关于换货，问答写的是 14 天，而按规则可办理期限为 15 天：“签收后14天内可换货”",
        ),
        (
            "We refund 80% of damaged items.",
            "for a refund the FAQ says 80% back, but by the rules it is 100% back: “We refund 80% of damaged items.”",
            "关于退款，问答写的是退还 80%，而按规则为退还 100%：“We refund 80% of damaged items.”",
        ),
        (
            "退货需扣除 5 元手续费",
            "for a return the FAQ says a fee of ¥5.00, but by the rules it is a fee of ¥0.00: “退货需扣除 5 元手续费”",
            "关于退货，问答写的是 ¥5.00 的费用，而按规则为 ¥0.00 的费用：“退货需扣除 5 元手续费”",
        ),
    ],
)
def test_the_shipped_rules_against_faqs(answer: str, en: str, zh: str) -> None:
    (found,) = contradictions(load_shipped("standard"), [faq(answer)])
    assert (found.text.en, found.text.zh_hans, found.faq) == (en, zh, "f-1")


@pytest.mark.parametrize(
    "answer",
    [
        "You can return items within 7 days of delivery.",
        "You can return items within 15 days of delivery; a colleague looks into it.",
        "签收后7天内可无理由退货，15天内可换货。",
        "Damaged items are refunded within 30 days of delivery.",
        "商品破损请在7天内申请退款",
        "We refund 100% of damaged items.",
        "You can change the colour within 30 days.",
    ],
)
def test_what_agrees_is_left_alone(answer: str) -> None:
    assert contradictions(load_shipped("standard"), [faq(answer)]) == ()


def a_return(when: dict[str, Any] | None, outcome: str = "deny", **then: Any) -> dict[str, Any]:
    return {**a_rule("r", when, outcome, **then), "actions": ["return"]}


def test_rules_that_refuse_have_no_limit_or_leave_it_to_a_person() -> None:
    claim = faq("You can return items within 30 days.")
    said = [
        contradictions(a_ruleset(rule), [claim])[0].text.en.partition("by the rules ")[2].partition(":")[0]
        for rule in (
            a_return(None),
            a_return(None, "allow", amount={"percent_of_lines": 100}),
            a_return(None, "escalate"),
        )
    ]
    assert said == ["it is refused", "there is no limit of days", "a person decides"]


def test_the_limit_is_that_of_the_rules_together() -> None:
    within = {"fact": "order.days_since_delivered", "op": "at_most", "value": 30}
    sale = {"fact": "order.days_since_delivered", "op": "more_than", "value": 20}
    rules = a_ruleset({**a_return(sale), "id": "late"}, a_return(within, "allow", amount={"percent_of_lines": 100}))
    (found,) = contradictions(rules, [faq("You can return items within 30 days.")])
    assert "it is allowed for 20 days" in found.text.en
    assert found.by == ("r",)


def test_fees_and_ceilings_of_the_rules() -> None:
    amount = {"percent_of_lines": 90, "restocking_fee": {"percent": 10},
              "at_most": {"amount_minor": 5000, "currency": "USD"}}  # fmt: skip
    rules = a_ruleset(a_return(None, "allow", amount=amount))
    said = {
        words: [item.text.en for item in contradictions(rules, [faq(words, "Returns")])]
        for words in ("A restocking fee of 10% applies.", "A restocking fee of 15% applies.", "We refund 90%.",
                      "Returned goods are paid up to $50.", "Returned goods are paid up to $60.",
                      "Returned goods are paid up to £60.")
    }  # fmt: skip
    assert [len(found) for found in said.values()] == [0, 1, 0, 0, 1, 0]
    assert "a fee of 15%, but by the rules it is a fee of 10%" in said["A restocking fee of 15% applies."][0]
    assert "at most $60.00, but by the rules it is at most $50.00" in said["Returned goods are paid up to $60."][0]


def test_what_no_rule_is_about_is_left_alone() -> None:
    rules = a_ruleset({**a_rule("r"), "actions": ["cancel"]})
    assert contradictions(rules, [faq("You can return items within 30 days.")]) == ()


def demo_faqs() -> list[FaqText]:
    found = []
    for path in sorted(Path("cs_portal/demo/data").glob("faqs-*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8")).get("faq", []):
            for locale in ("en", "zh-hans"):
                if locale in entry:
                    text = entry[locale]
                    found.append(FaqText(entry["id"], locale, text["question"], text.get("answer", "")))
    return found


def test_the_demo_stores_answers_keep_to_its_rules_and_not_to_others() -> None:
    faqs = demo_faqs()
    read = {(faq.id, faq.locale) for faq in faqs if claims(faq)}
    assert len(read) == 14
    assert contradictions(load_shipped("standard"), faqs) == ()
    generous = contradictions(load_shipped("generous"), faqs)
    assert {item.actions for item in generous} == {("exchange",), ("refund",), ("return",)}


@settings(max_examples=60, deadline=None)
@given(rulesets(), st.text(max_size=60), st.sampled_from(["within 30 days return ", "退货七天内 50% 退款 ¥9 以内"]))
def test_any_text_and_any_rules_have_an_answer(document: dict[str, Any], words: str, seed: str) -> None:
    for text in (words, seed + words, words + seed):
        contradictions(Ruleset.from_dict(document), [FaqText("f", "en", words, text)])


def test_rules_by_the_hundred_are_read_once_for_all_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen FAQs that say the same of the same requests cost what one costs."""
    asked: list[None] = []
    search = Space.case
    monkeypatch.setattr(Space, "case", lambda space, wanted: (asked.append(None), search(space, wanted))[1])
    rules = load_shipped("standard")
    contradictions(rules, [faq("You can return items within 30 days.")])
    one = len(asked)
    contradictions(rules, [faq("You can return items within 30 days.")] * 15)
    assert 0 < len(asked) - one == one
