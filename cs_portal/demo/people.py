"""Shoppers who do not exist: names, addresses and contact details."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cs_portal.demo.merchants import DemoMerchant, Language
from cs_portal.demo.tables import table

US_AREAS = (202, 503, 312, 415, 617, 206)
MAIL_DOMAINS = ("example.com", "example.net", "example.org")


@dataclass(frozen=True, slots=True)
class Person:
    """``place`` names a place of ``data/people.toml``."""

    id: str
    name: str
    email: str
    phone: str
    locale: Language
    place: str
    address: Mapping[str, str]

    @property
    def country(self) -> str:
        return self.address["country"]


def person(
    *, id: str, name: str, mailbox: str, locale: Language, place: str, serial: int, rng: random.Random
) -> Person:
    """``serial`` is unique within the merchant and makes the phone number so; ``KeyError`` for an unknown place."""
    where = table("people")["place"][place]
    phone = _phone(where["country"], serial)
    return Person(
        id=id,
        name=name,
        email=f"{mailbox}@{MAIL_DOMAINS[serial % len(MAIL_DOMAINS)]}",
        phone=phone,
        locale=locale,
        place=place,
        address={
            "name": name,
            **_street(where["country"], locale, rng),
            **where[locale],
            "postal_code": where["postal_code"],
            "country": where["country"],
            "phone": phone,
        },
    )


def crowd(merchant: DemoMerchant, *, first_serial: int, rng: random.Random) -> Iterator[Person]:
    """As many people of each language as the merchant wants, each with a name of their own."""
    serial = itertools.count(first_serial)
    for locale, wanted in merchant.shoppers.items():
        places = [place for place in merchant.places if locale in table("people")["place"][place]]
        names = _names(locale)
        rng.shuffle(names)
        for name, mailbox in names[:wanted]:
            number = next(serial)
            place = rng.choice(places)
            yield person(
                id=f"s-{number:03d}", name=name, mailbox=mailbox, locale=locale, place=place, serial=number, rng=rng
            )


def _names(locale: Language) -> list[tuple[str, str]]:
    if locale == "zh-hans":
        names = table("people")["chinese"]
        pairs = itertools.product(names["surnames"], names["given"])
        made = {f"{latin}.{given_latin}": f"{name}{given}" for (name, latin), (given, given_latin) in pairs}
    else:
        names = table("people")["western"]
        pairs = itertools.product(names["given"], names["surnames"])
        made = {f"{given}.{surname}".lower(): f"{given} {surname}" for given, surname in pairs}
    return [(name, mailbox) for mailbox, name in made.items()]


def _phone(country: str, serial: int) -> str:
    if country == "US":
        # North America reserves 555 0100 to 555 0199 in every area.
        return f"+1 {US_AREAS[serial // 100]} 555 {100 + serial % 100:04d}"
    patterns = {"GB": "+44 7700 900{:03d}", "DE": "+49 30 23125 {:03d}"}
    return patterns.get(country, "+86 199 0000 {:04d}").format(serial)


def _street(country: str, locale: Language, rng: random.Random) -> dict[str, Any]:
    house, block, floor, door = rng.randint(1, 199), rng.randint(1, 12), rng.randint(1, 18), rng.randint(1, 4)
    if locale == "zh-hans":
        street = rng.choice(table("people")["chinese"]["streets"])
        return {"line1": f"{street} {house} 号", "line2": f"{block} 幢 {floor}{door:02d} 室"}
    street = rng.choice(table("people")["western"]["streets"])
    line2 = f"Block {block}, Room {floor}{door:02d}" if country in {"CN", "HK"} else ""
    return {"line1": f"{house} {street}", "line2": line2}
