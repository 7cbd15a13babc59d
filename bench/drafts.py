"""Cases for ``manage.py evaluate drafts``, from shops and conversations that were written by hand.

    python bench/drafts.py /tmp/drafts.jsonl
    python manage.py evaluate drafts --cases /tmp/drafts.jsonl --backend none --json

``bench/drafts/shops`` holds stores in short form, ``bench/drafts/cases.toml`` what shoppers of theirs write and what a
reply has to say. Every order and product is put into its canonical form here. ``--set dev`` writes the cases of
``bench/drafts/dev`` instead: another store, to mend on. ``--set heldout`` writes those of ``bench/drafts/heldout``:
other stores and shoppers, for measuring alone, on which nothing is tuned.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "drafts"
SETS = {"first": FOLDER, "dev": FOLDER / "dev", "heldout": FOLDER / "heldout"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--set", choices=SETS, default="first")
    options = parser.parse_args()
    cases = all_cases(options.set)
    options.out.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases), encoding="utf-8")


def all_cases(name: str) -> list[dict[str, Any]]:
    """Every case of a set in the shape of docs/evaluation.md."""
    folder = SETS[name]
    shops = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in (folder / "shops").glob("*.toml")}
    rows = tomllib.loads((folder / "cases.toml").read_text(encoding="utf-8"))["case"]
    return [_case(row, shops[row["shop"]]) for row in rows]


def _case(row: dict[str, Any], shop: dict[str, Any]) -> dict[str, Any]:
    people = {each["id"]: {**each, "created_at": "2025-01-01T00:00:00+00:00"} for each in shop["shopper"]}
    return {
        "id": row["id"],
        "locale": row["locale"],
        "merchant": shop["name"],
        "now": shop["now"],
        "faqs": [text for faq in shop["faq"] for text in _faq(faq)],
        "ruleset": shop["ruleset"],
        "products": [_product(each, shop["currency"]) for each in shop["product"]],
        "orders": [_order(each, shop) for each in shop["order"]],
        "shopper": people.get(row.get("shopper", "")),
        "messages": [_message(each) for each in row["messages"]],
        "expected": {
            "intent": row.get("intent"),
            "outcome": row.get("outcome"),
            "language": row.get("language", row["locale"]),
            "faq_id": row.get("faq"),
            "must_include": row.get("include", []),
            "must_include_any": row.get("any", []),
            "must_not_include": row.get("exclude", []),
        },
    }


def _message(text: str | list[str]) -> dict[str, Any]:
    """A text of the shopper, or ``[author, text]``, or ``["photo", text]``."""
    if isinstance(text, str):
        return {"author": "shopper", "text": text}
    first, said = text
    return (
        {"author": "shopper", "text": said, "attachments": ["photo"]}
        if first == "photo"
        else {
            "author": first,
            "text": said,
        }
    )


def _faq(faq: dict[str, Any]) -> list[dict[str, Any]]:
    texts = []
    for name, locale in (("en", "en"), ("zh", "zh-hans")):
        if name in faq:
            question, answer = faq[name]
            text = {"id": faq["id"], "locale": locale, "question": question, "answer": answer}
            texts.append(text | {"variants": faq.get(f"{name}_variants", []), "valid_until": faq.get("valid_until")})
    return texts


def _product(product: dict[str, Any], currency: str) -> dict[str, Any]:
    return {
        "id": product["id"],
        "title": {"en": product["en"], "zh-hans": product["zh"]},
        "category": product["category"],
        "tags": product["tags"],
        "status": "active",
        "url": f"https://shop.example/{product['id']}",
        "variants": [
            {"id": id_, "options": options, "price_minor": price, "currency": currency, "stock": stock}
            for id_, options, price, stock in product["variants"]
        ],
    }


def _order(order: dict[str, Any], shop: dict[str, Any]) -> dict[str, Any]:
    products = {each["id"]: each for each in shop["product"]}
    lines = [
        _line(number, products[product], variant, quantity, final_sale=bool(rest))
        for number, (product, variant, quantity, *rest) in enumerate(order["lines"], 1)
    ]
    shipping = order.get("shipping", 0)
    total = sum(line["quantity"] * line["unit_price_minor"] for line in lines) + shipping
    method = order.get("method", "wechat_pay")
    document = {
        "number": order["number"],
        "shopper": order["shopper"],
        "currency": shop["currency"],
        "status": order["status"],
        "placed_at": order["placed"],
        "paid_at": order["placed"],
        "lines": lines,
        "shipping_minor": shipping,
        "payments": [
            {"id": "pay-1", "method_id": "m-1", "method": method, "amount_minor": total, "captured_at": order["placed"]}
        ],
        "address": {"name": "", "line1": "1 Mill Lane", "city": "Springfield", "postal_code": "", "country": ""},
    }
    document |= {f"{name}_at": order[name] for name in ("shipped", "delivered", "cancelled") if name in order}
    if "tracking" in order:
        carrier, number = order["tracking"]
        parcel = {"tracking": number, "carrier": carrier, "lines": [line["id"] for line in lines]}
        times = {"shipped_at": order["shipped"], "delivered_at": order.get("delivered")}
        document["shipments"] = [parcel | times]
    if "refunded" in order:
        share = {"id": "pay-1", "amount_minor": total}
        refund = {"id": "r-1", "lines": [], "payments": [share], "created_at": order["refunded"]}
        document["refunds"] = [refund]
    return document


def _line(number: int, product: dict[str, Any], variant: str, quantity: int, *, final_sale: bool) -> dict[str, Any]:
    options, price = next((options, price) for id_, options, price, _stock in product["variants"] if id_ == variant)
    return {
        "id": f"l-{number}",
        "product": product["id"],
        "variant": variant,
        "title": product["en"],
        "options": options,
        "quantity": quantity,
        "unit_price_minor": price,
        "final_sale": final_sale,
    }


if __name__ == "__main__":
    main()
