"""Product pictures of the demo store, drawn as SVG from a few simple shapes. Nothing is stored or random."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cs_portal.demo.catalogue import CatalogueProduct, CatalogueVariant
from cs_portal.demo.pictures import (
    bath,
    camping,
    clothing,
    drinkware,
    furniture,
    garden,
    kitchen,
    lighting,
    textiles,
)
from cs_portal.demo.pictures.colours import BACKGROUNDS, colour_of, lighter, mix
from cs_portal.demo.pictures.shapes import oval, rect

Drawing = Callable[[str], str]

DRAWINGS: Mapping[str, Drawing] = {
    kind: draw
    for room in (bath, camping, clothing, drinkware, furniture, garden, kitchen, lighting, textiles)
    for kind, draw in room.DRAWINGS.items()
}
#: These hang or lie flat: no shadow on the floor.
FLOATING = frozenset(
    {
        "apron", "bathrobe", "fleece", "garden_gloves", "gloves", "hooks", "jacket", "knife", "pendant", "secateurs",
        "seeds", "skillet", "sleeping_bag", "socks", "string_lights", "trowel", "tshirt",
    }
)  # fmt: skip


def picture(product: CatalogueProduct, variant: CatalogueVariant) -> str:
    """The SVG document (400 × 400) of a variant. Raises ``KeyError`` for a kind that nobody can draw."""
    colour = colour_of(variant.options, kind=product.kind, fallback=product.colour)
    background = BACKGROUNDS[product.category]
    shadow = "" if product.kind in FLOATING else oval(200, 330, 138, 13, mix(background, "#3a3528", 0.16))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">'
        f"{rect(0, 0, 400, 400, background)}{oval(200, 200, 168, None, lighter(background, 0.45))}"
        f"{shadow}{DRAWINGS[product.kind](colour)}</svg>"
    )
