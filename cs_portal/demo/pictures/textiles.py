"""Blankets, linen and rugs. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import OAK, darker, lighter
from cs_portal.demo.pictures.shapes import line, mirrored, oval, path, polygon, rect


def blanket(c: str) -> str:
    def fold(y: float, shade: str) -> str:
        return rect(78, y, 244, 46, shade, r=22) + path(
            f"M100 {y + 14}H290M100 {y + 31}H290", stroke=lighter(shade, 0.3), width=3, opacity=0.7
        )

    fringe = "".join(line(x, 300, x - 2, 328, darker(c, 0.06), 4) for x in range(112, 300, 10))
    return "".join(
        (
            fold(140, lighter(c, 0.1)),
            fold(184, c),
            fold(228, darker(c, 0.07)),
            path("M106 150C160 144 240 144 296 150V296C240 304 160 304 106 296Z", lighter(c, 0.2)),
            path("M106 176H296M106 192H296", stroke=darker(c, 0.2), width=7),
            path("M106 258H296M106 274H296", stroke=darker(c, 0.2), width=7),
            path("M140 146V300M156 146V300M250 146V300M266 146V300", stroke=darker(c, 0.2), width=5, opacity=0.5),
            fringe,
        )
    )


def cushion(c: str) -> str:
    return "".join(
        (
            path(
                "M84 96C130 112 270 112 316 96C332 92 336 100 332 112C318 160 318 252 332 300C336 314 330 322 316 318C270 304 130 304 84 318C70 322 64 314 68 300C82 252 82 160 68 112C64 100 70 92 84 96Z",
                c,
            ),
            path(
                "M316 96C332 92 336 100 332 112C318 160 318 252 332 300C336 314 330 322 316 318C300 313 276 309 250 308C300 260 306 160 290 103C301 101 310 98 316 96Z",
                darker(c, 0.1),
            ),
            path("M112 130C120 126 134 128 150 130M100 176C98 160 100 146 104 138", stroke=lighter(c, 0.45), width=7),
            path(
                "M150 250C150 206 176 176 200 158C224 176 250 206 250 250M200 158V268M200 220L172 200M200 220L228 200M200 250L164 232M200 250L236 232",
                stroke=lighter(c, 0.42),
                width=6,
            ),
        )
    )


def duvet(c: str) -> str:
    return "".join(
        (
            path("M66 128C66 104 90 92 130 92H270C310 92 334 104 334 128V180H66Z", OAK),
            path("M82 134C82 116 100 108 130 108H270C300 108 318 116 318 134V170H82Z", darker(OAK, 0.15)),
            rect(92, 132, 104, 60, lighter(c, 0.6), r=20),
            rect(204, 132, 104, 60, lighter(c, 0.6), r=20),
            rect(106, 150, 84, 52, lighter(c, 0.3), r=18),
            rect(210, 150, 84, 52, lighter(c, 0.3), r=18),
            rect(58, 186, 284, 116, c, r=18),
            path(
                "M58 214C58 196 66 186 78 186H322C334 186 342 196 342 214C290 232 250 220 200 226C150 232 104 220 58 214Z",
                lighter(c, 0.42),
            ),
            path(
                "M110 238C118 262 108 280 116 300M200 240C190 262 208 280 198 300M288 236C296 262 282 280 290 300",
                stroke=darker(c, 0.14),
                width=4,
            ),
            rect(64, 296, 18, 34, OAK, r=4),
            rect(318, 296, 18, 34, OAK, r=4),
        )
    )


def towels(c: str) -> str:
    def towel(x: float, y: float, w: float, shade: str) -> str:
        return "".join(
            (
                rect(x, y, w, 54, shade, r=24),
                path(f"M{x + w - 42} {y + 27}A14 14 0 1 0 {x + w - 16} {y + 33}", stroke=darker(shade, 0.22), width=4),
                path(
                    f"M{x + 26} {y + 20}H{x + w - 64}M{x + 26} {y + 33}H{x + w - 64}",
                    stroke=darker(shade, 0.12),
                    width=4,
                ),
            )
        )

    return "".join(
        (
            towel(76, 270, 248, c),
            towel(90, 214, 220, lighter(c, 0.35)),
            towel(104, 158, 192, darker(c, 0.14)),
            path("M176 158C168 128 186 112 200 96C214 112 232 128 224 158Z", "#8faa84"),
            path("M200 156V112M200 140L188 128M200 132L212 122", stroke="#63805a", width=3.5),
        )
    )


def rug(c: str) -> str:
    def stripe(y: float, height: float, shade: str) -> str:
        """Across the rug, which widens towards the viewer."""
        top, bottom = (98 - 54 * (at - 106) / 208 for at in (y, y + height))
        return polygon([(top, y), (400 - top, y), (400 - bottom, y + height), (bottom, y + height)], shade)

    stripes = "".join(
        stripe(y, height, shade)
        for y, height, shade in (
            (122, 11, lighter(c, 0.45)),
            (148, 14, darker(c, 0.22)),
            (178, 9, "#d8a542"),
            (204, 18, lighter(c, 0.5)),
            (240, 12, darker(c, 0.3)),
            (270, 18, lighter(c, 0.4)),
        )
    )
    fringe = "".join(line(x, 312, x - (200 - x) * 0.03, 330, "#d9c9a8", 4) for x in range(52, 350, 12))
    back = "".join(line(x, 98, x, 108, "#d9c9a8", 4) for x in range(104, 300, 12))
    return back + fringe + stripe(106, 208, c) + stripes


def curtain(c: str) -> str:
    folds = "".join(
        path(f"M{x} 92C{x - 6} 170 {x + 6} 240 {x - 2} 322", stroke=darker(c, 0.13), width=5)
        for x in range(100, 176, 18)
    )
    return "".join(
        (
            rect(112, 90, 176, 220, "#d8e8ec"),
            path("M112 250C150 220 180 262 220 236C250 222 270 232 288 226V310H112Z", "#a9c3a2"),
            path("M112 90H288M200 90V310M112 200H288", stroke="#ffffff", width=9),
            mirrored(path("M78 88H184C186 160 176 250 180 324H72C76 240 74 160 78 88Z", c, opacity=0.93), folds),
            rect(50, 70, 300, 12, OAK, r=6),
            mirrored(
                oval(48, 76, 13, None, darker(OAK, 0.2)),
                "".join(oval(x, 82, 7, 9, stroke=darker(OAK, 0.35), width=4) for x in range(88, 184, 24)),
            ),
        )
    )


def tablecloth(c: str) -> str:
    checks = "".join(
        rect(72 + column * 32, 150 + row * 26, 16, 13, c, opacity=0.55) for row in range(2) for column in range(8)
    )
    drops = "".join(rect(72 + column * 32, 206, 16, 96, c, opacity=0.45) for column in range(8))
    rows = "".join(rect(60, y, 280, 14, c, opacity=0.4) for y in (220, 254, 286))
    return "".join(
        (
            mirrored(line(100, 290, 96, 332, darker(OAK, 0.2), 14)),
            path("M60 196H340V296C324 312 308 292 292 302C276 314 258 292 240 304C222 314 204 292 186 304C168 314 150 292 132 304C112 314 84 294 60 302Z", "#faf5ea"),
            drops,
            rows,
            path("M88 146H312L340 204H60Z", "#fffdf6"),
            checks,
            path("M60 204H340", stroke=darker(c, 0.1), width=4, opacity=0.5),
            oval(200, 172, 56, 13, "#e9e2d5"), oval(200, 168, 44, 9, "#ffffff"),
            path("M188 168V128C188 118 212 118 212 128V168Z", "#9db497"),
            path("M200 122C186 98 192 84 200 76C208 84 214 98 200 122M200 122C216 108 228 108 234 98", "#6f8f63", stroke="#6f8f63", width=4),
        )
    )  # fmt: skip


DRAWINGS = {
    "blanket": blanket,
    "cushion": cushion,
    "duvet": duvet,
    "towels": towels,
    "rug": rug,
    "curtain": curtain,
    "tablecloth": tablecloth,
}
