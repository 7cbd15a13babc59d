"""What is bought together: the first product by taste, the others mostly because they go with it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from cs_portal.demo.catalogue import CatalogueProduct

#: How many products an order holds, and how likely that is.
SIZES, SIZE_WEIGHTS = (1, 2, 3, 4), (46, 33, 15, 6)
#: So often the next product goes with the first one; otherwise it is whatever caught the eye.
COMPANION_SHARE = 0.65
BESTSELLER_WEIGHT = 3.0

#: Kinds of products that people buy with a kind, both ways.
COMPANIONS: tuple[frozenset[str], ...] = tuple(
    map(
        frozenset,
        (
            ("dome_tent", "tunnel_tent", "sleeping_bag", "lantern"),
            ("camp_chair", "camp_table", "cooler"),
            ("stove", "enamel_mug", "firepit", "skillet"),
            ("bottle", "backpack", "socks"),
            ("jacket", "fleece", "beanie", "gloves"),
            ("tshirt", "sun_hat"),
            ("planter", "watering_can", "seeds", "trowel", "garden_gloves"),
            ("secateurs", "garden_gloves", "bird_feeder"),
            ("mug", "teapot", "infuser", "tea_tin"),
            ("knife", "board", "apron"),
            ("bowls", "casserole", "canister", "tablecloth"),
            ("kettle", "mug", "carafe"),
            ("table_lamp", "night_light", "candle"),
            ("desk", "desk_lamp", "chair"),
            ("armchair", "floor_lamp", "blanket", "side_table"),
            ("sofa", "cushion", "rug"),
            ("duvet", "blanket", "cushion"),
            ("soap", "dispenser", "towels", "bath_mat"),
            ("bathrobe", "towels", "diffuser"),
            ("mirror", "hooks", "basket"),
        ),
    )
)


def companions(kind: str) -> frozenset[str]:
    """The kinds that go with ``kind``; itself only where it stands in no group."""
    return frozenset().union(*(group for group in COMPANIONS if kind in group)) - {kind}


def pick_products(choice: Sequence[CatalogueProduct], rng: random.Random) -> list[CatalogueProduct]:
    """One to four different products of ``choice``, which holds at least four."""
    size = rng.choices(SIZES, weights=SIZE_WEIGHTS)[0]
    picked = [_drawn(choice, rng)]
    by_kind = _by_kind(choice)
    while len(picked) < size:
        fitting = [p for kind in sorted(companions(picked[0].kind)) for p in by_kind.get(kind, ()) if p not in picked]
        others = [p for p in choice if p not in picked]
        picked.append(_drawn(fitting if fitting and rng.random() < COMPANION_SHARE else others, rng))
    return picked


def _drawn(choice: Sequence[CatalogueProduct], rng: random.Random) -> CatalogueProduct:
    return rng.choices(choice, weights=[BESTSELLER_WEIGHT if "bestseller" in p.tags else 1.0 for p in choice])[0]


def _by_kind(choice: Sequence[CatalogueProduct]) -> Mapping[str, list[CatalogueProduct]]:
    kinds: dict[str, list[CatalogueProduct]] = {}
    for product in choice:
        kinds.setdefault(product.kind, []).append(product)
    return kinds
