"""For terrace and garden. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import INK, LEAF, OAK, STEEL, darker, lighter
from cs_portal.demo.pictures.shapes import line, moved, oval, path, polygon, rect, turned


def leaf(x: float, y: float, angle: float, size: float, colour: str) -> str:
    """A leaf that grows upwards from (x, y), turned by ``angle``."""
    d = f"M{x} {y}C{x - size * 0.42} {y - size * 0.4} {x - size * 0.3} {y - size * 0.8} {x} {y - size}C{x + size * 0.3} {y - size * 0.8} {x + size * 0.42} {y - size * 0.4} {x} {y}Z"
    vein = line(x, y, x, y - size * 0.8, darker(colour, 0.2), 2.5)
    return turned(angle, x, y, path(d, colour), vein)


def planter(c: str) -> str:
    leaves = "".join(
        leaf(200, 204, angle, size, shade)
        for angle, size, shade in (
            (-72, 104, darker(LEAF, 0.1)), (72, 104, darker(LEAF, 0.1)), (-46, 128, LEAF), (46, 128, LEAF),
            (-20, 142, lighter(LEAF, 0.14)), (22, 140, lighter(LEAF, 0.14)), (0, 150, lighter(LEAF, 0.26)),
        )
    )  # fmt: skip
    return "".join(
        (
            leaves,
            path("M128 218H272L256 310H144Z", c),
            path("M232 218H272L256 310H222Z", darker(c, 0.13)),
            rect(116, 196, 168, 32, lighter(c, 0.12), r=8),
            rect(116, 218, 168, 10, darker(c, 0.14), r=5),
            path("M126 310H274L266 328H134Z", darker(c, 0.22)),
            path("M156 244L162 294", stroke=lighter(c, 0.4), width=6),
        )
    )


def watering_can(c: str) -> str:
    return "".join(
        (
            path("M176 178C150 92 82 112 96 196C100 222 118 250 142 258", stroke=darker(c, 0.2), width=13),
            path("M246 268L326 150", stroke=darker(c, 0.1), width=17),
            path("M306 132L350 158L330 172L314 160Z", darker(c, 0.25)),
            path("M148 176H258L274 308C275 320 266 328 256 328H150C140 328 131 320 132 308Z", c),
            path("M228 176H258L274 308C275 320 266 328 256 328H230C240 328 243 320 242 308Z", darker(c, 0.13)),
            oval(203, 177, 55, 15, darker(c, 0.4)),
            path("M148 176C148 152 258 152 258 176", stroke=darker(c, 0.2), width=10),
            path("M160 212L152 300", stroke=lighter(c, 0.5), width=6),
            path(
                "M354 176C348 188 360 188 354 176M368 190C362 202 374 202 368 190M350 204C344 216 356 216 350 204",
                "#86b6d0",
                stroke="#86b6d0",
                width=5,
            ),
        )
    )


def secateurs(c: str) -> str:
    return turned(
        24,
        200,
        210,
        path("M206 190C236 150 236 100 214 60C196 98 190 150 194 190Z", STEEL),
        path("M206 190C222 152 226 104 214 60", stroke=lighter(STEEL, 0.6), width=4),
        path("M200 186C176 168 164 140 166 104C182 118 200 140 208 176Z", darker(STEEL, 0.25)),
        path("M206 196C238 226 240 288 226 340C218 352 204 346 206 332C214 280 208 240 190 212Z", c),
        path("M194 196C162 226 156 288 168 340C176 352 190 346 188 332C182 280 192 240 208 212Z", darker(c, 0.14)),
        path("M204 216C228 244 228 292 218 336", stroke=lighter(c, 0.45), width=4),
        path("M186 250C198 240 196 262 208 252", stroke=INK, width=4),
        oval(200, 196, 15, None, INK),
        oval(200, 196, 6, None, STEEL),
    )


def garden_gloves(c: str) -> str:
    def glove(shade: str) -> str:
        return "".join(
            (
                "".join(
                    rect(x, y, 27, 92, lighter(shade, 0.08), r=13)
                    for x, y in ((110, 108), (139, 90), (168, 90), (197, 106))
                ),
                turned(42, 232, 206, rect(216, 150, 30, 80, lighter(shade, 0.08), r=14)),
                path("M110 160H224V232C224 246 214 250 206 250H128C118 250 110 246 110 232Z", shade),
                path("M118 246H216L236 328H98Z", LEAF),
                path("M110 284H226M104 306H231", stroke=lighter(LEAF, 0.4), width=5),
                rect(112, 240, 110, 14, darker(shade, 0.3), r=5),
                path("M137 130V170M166 124V170M195 130V170", stroke=darker(shade, 0.3), width=3),
            )
        )

    return moved(88, 4, turned(10, 170, 220, glove(darker(c, 0.12)))) + moved(-28, 0, turned(-8, 170, 220, glove(c)))


def bird_feeder(c: str) -> str:
    return moved(
        0,
        24,
        path("M200 108V56C200 40 224 44 222 58", stroke=INK, width=5),
        rect(140, 176, 120, 112, lighter(c, 0.25), r=4),
        rect(154, 180, 92, 88, "#e6f0f2"),
        path("M154 226C176 214 190 238 214 224C228 218 238 224 246 222V268H154Z", "#d8b15c"),
        rect(136, 176, 18, 112, c, r=4),
        rect(246, 176, 18, 112, darker(c, 0.14), r=4),
        path("M200 92L306 176C300 190 288 190 280 184L200 124L120 184C112 190 100 190 94 176Z", darker(c, 0.3)),
        path("M200 92L306 176C303 183 298 187 293 188L200 112L107 188C102 187 97 183 94 176Z", darker(c, 0.42)),
        polygon([(200, 122), (276, 180), (124, 180)], c),
        oval(200, 160, 10, None, darker(c, 0.45)),
        rect(104, 286, 192, 18, darker(c, 0.25), r=6),
        moved(
            254, 240,
            path("M0 30C0 10 18 2 32 12L46 14L36 22C36 40 24 48 12 48L-14 58Z", "#41708f"),
            path("M8 46C20 46 30 38 30 24C18 24 8 32 8 46Z", "#bd6b4e"),
            oval(28, 18, 3, None, "#ffffff"),
        ),
    )  # fmt: skip


def flower(x: float, y: float, size: float, petal: str, heart: str) -> str:
    petals = "".join(
        turned(angle, x, y, oval(x, y - size, size * 0.48, size * 0.8, petal)) for angle in range(0, 360, 60)
    )
    return petals + oval(x, y, size * 0.55, None, heart)


def seeds(c: str) -> str:
    return turned(
        -6,
        200,
        200,
        rect(110, 74, 180, 252, "#f8f1e0", r=8),
        path("M110 82C110 76 114 74 118 74H282C286 74 290 76 290 82V112H110Z", c),
        path(
            "M110 112L130 104L150 112L170 104L190 112L210 104L230 112L250 104L270 112L290 104",
            stroke="#f8f1e0",
            width=4,
        ),
        path(
            "M160 308C164 270 160 240 162 214M206 308C206 250 202 200 206 168M244 308C240 270 246 250 244 228",
            stroke=LEAF,
            width=5,
        ),
        leaf(162, 290, -50, 36, LEAF),
        leaf(206, 284, 48, 42, darker(LEAF, 0.1)),
        leaf(244, 296, 40, 30, LEAF),
        flower(206, 164, 24, c, "#7a5a40"),
        flower(160, 212, 18, "#bd6b4e", "#f3d26b"),
        flower(246, 226, 16, "#7a6aa8", "#f3d26b"),
        rect(134, 86, 132, 9, "#fffdf8", r=4, opacity=0.8),
    )


def trowel(c: str) -> str:
    return turned(
        32,
        200,
        200,
        path("M200 338C168 310 158 264 162 214H238C242 264 232 310 200 338Z", STEEL),
        path("M200 338C218 318 226 270 222 214H238C242 264 232 310 200 338Z", darker(STEEL, 0.16)),
        path("M186 240H214M188 258H212M190 276H210", stroke=darker(STEEL, 0.35), width=3),
        path("M194 216C194 196 190 190 190 178H210C210 190 206 196 206 216Z", "#c07f4e"),
        rect(184, 158, 32, 24, "#c07f4e", r=4),
        path("M184 160C180 120 176 96 182 70C184 54 216 54 218 70C224 96 220 120 216 160Z", c),
        path("M206 62C214 90 212 124 208 158", stroke=darker(c, 0.2), width=5),
        path("M200 66C186 40 214 30 204 58", stroke="#7a5238", width=4),
    )


def parasol(c: str) -> str:
    return "".join(
        (
            rect(195, 92, 10, 226, OAK, r=4),
            path(
                "M58 188C72 112 136 78 200 76C264 78 328 112 342 188C320 178 300 178 286 190C266 176 244 176 228 190C210 178 190 178 172 190C156 176 134 176 114 190C100 178 80 178 58 188Z",
                c,
            ),
            path("M200 76C164 104 148 150 172 190C190 178 210 178 228 190C252 150 236 104 200 76Z", lighter(c, 0.4)),
            path("M200 76C264 78 328 112 342 188C320 178 300 178 286 190C280 140 250 96 200 76Z", darker(c, 0.1)),
            path("M200 76C150 96 120 140 114 190C100 178 80 178 58 188C72 112 136 78 200 76Z", lighter(c, 0.12)),
            oval(200, 72, 8, 9, OAK),
            path("M150 326C150 306 250 306 250 326Z", "#8f8a82"),
            rect(188, 286, 24, 26, "#a19b92", r=4),
        )
    )


DRAWINGS = {
    "planter": planter,
    "watering_can": watering_can,
    "secateurs": secateurs,
    "garden_gloves": garden_gloves,
    "bird_feeder": bird_feeder,
    "seeds": seeds,
    "trowel": trowel,
    "parasol": parasol,
}
