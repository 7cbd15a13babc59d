"""Bottles, cups and jugs. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import INK, OAK, STEEL, darker, lighter
from cs_portal.demo.pictures.shapes import line, moved, oval, path, rect


def bottle(c: str) -> str:
    return "".join(
        (
            path("M176 76C176 56 224 56 224 76", stroke=darker(OAK, 0.3), width=7),
            rect(166, 74, 68, 40, OAK, r=8),
            rect(166, 102, 68, 12, darker(OAK, 0.2), r=4),
            rect(172, 112, 56, 16, STEEL, r=3),
            path(
                "M172 126H228C232 146 254 156 254 184V306C254 320 246 328 232 328H168C154 328 146 320 146 306V184C146 156 168 146 172 126Z",
                c,
            ),
            path(
                "M218 126H228C232 146 254 156 254 184V306C254 320 246 328 232 328H214C226 328 230 318 230 306V184C230 158 220 148 218 126Z",
                darker(c, 0.15),
            ),
            path("M164 186C164 172 170 166 174 160", stroke=lighter(c, 0.55), width=7),
            line(164, 204, 164, 292, lighter(c, 0.4), 7),
            path(
                "M200 262C188 246 190 230 200 216C210 230 212 246 200 262ZM200 258V276",
                lighter(c, 0.5),
                stroke=lighter(c, 0.5),
                width=3,
            ),
        )
    )


def tumbler(c: str) -> str:
    return "".join(
        (
            rect(186, 84, 40, 18, darker(c, 0.45), r=6),
            path("M138 122C138 98 262 98 262 122V134H138Z", darker(c, 0.35)),
            rect(130, 126, 140, 20, INK, r=8),
            path("M138 146H262L244 314C243 324 236 328 228 328H172C164 328 157 324 156 314Z", c),
            path("M226 146H262L244 314C243 324 236 328 228 328H206C216 328 219 322 220 312Z", darker(c, 0.16)),
            path("M142 190H258L254 230H146Z", lighter(c, 0.3)),
            line(160, 250, 166, 306, lighter(c, 0.4), 6),
            path("M190 76C182 62 200 58 192 44M216 76C208 62 226 58 218 44", stroke="#ffffff", width=5, opacity=0.8),
        )
    )


def enamel_mug(c: str) -> str:
    rim = INK if c != "#33363a" else STEEL
    return "".join(
        (
            path("M268 176C330 172 330 274 264 272", stroke=darker(c, 0.1), width=18),
            path("M268 176C330 172 330 274 264 272", stroke=rim, width=3, opacity=0.35),
            path("M112 150H272V292C272 314 260 326 240 326H144C124 326 112 314 112 292Z", c),
            path("M236 150H272V292C272 314 260 326 240 326H212C230 326 236 314 236 296Z", darker(c, 0.13)),
            oval(192, 150, 80, 20, darker(c, 0.28)),
            oval(192, 150, 80, 20, stroke=rim, width=9),
            path("M150 256L176 208L194 238L206 220L232 256Z", darker(c, 0.32) if c == "#f7f4ee" else lighter(c, 0.5)),
            "".join(
                oval(x, y, 2.4, None, lighter(c, 0.6), opacity=0.9)
                for x, y in ((134, 190), (144, 290), (220, 292), (246, 200), (130, 240))
            ),
        )
    )


def flask(c: str) -> str:
    return "".join(
        (
            path("M252 190C304 190 304 286 252 286", stroke=darker(c, 0.4), width=14),
            rect(160, 60, 80, 62, STEEL, r=12),
            rect(160, 84, 80, 5, darker(STEEL, 0.2)),
            rect(154, 118, 92, 18, darker(STEEL, 0.3), r=5),
            path(
                "M158 136H242C252 146 258 156 258 172V308C258 320 250 328 238 328H162C150 328 142 320 142 308V172C142 156 148 146 158 136Z",
                c,
            ),
            path(
                "M222 136H242C252 146 258 156 258 172V308C258 320 250 328 238 328H216C228 328 232 318 232 308V172C232 156 230 146 222 136Z",
                darker(c, 0.15),
            ),
            rect(142, 196, 116, 12, STEEL),
            rect(142, 290, 116, 12, STEEL),
            line(162, 222, 162, 276, lighter(c, 0.4), 7),
        )
    )


def carafe(c: str) -> str:
    return "".join(
        (
            rect(180, 58, 40, 34, OAK, r=10),
            rect(176, 84, 48, 16, darker(OAK, 0.16), r=5),
            path(
                "M172 98H228V146C232 176 282 200 282 262C282 306 260 328 226 328H174C140 328 118 306 118 262C118 200 168 176 172 146Z",
                lighter(c, 0.25),
                opacity=0.85,
            ),
            path(
                "M128 240C160 226 180 250 210 240C240 232 258 240 272 240C278 300 262 320 226 320H174C138 320 122 300 128 240Z",
                "#9cc4da",
                opacity=0.75,
            ),
            path(
                "M172 98H228V146C232 176 282 200 282 262C282 306 260 328 226 328H174C140 328 118 306 118 262C118 200 168 176 172 146Z",
                stroke=darker(c, 0.25),
                width=5,
            ),
            path("M142 224C146 202 162 190 174 180", stroke="#ffffff", width=8, opacity=0.85),
            oval(220, 282, 24, 23, "#f3d26b"),
            oval(220, 282, 17, 16, "#fbeaa8"),
            path("M220 266V298M206 274L234 290M234 274L206 290", stroke="#f3d26b", width=3),
        )
    )


def folding_cup(c: str) -> str:
    return moved(
        0,
        18,
        path("M118 150H282L268 196H132Z", lighter(c, 0.14)),
        path("M132 198H268L256 244H144Z", c),
        path("M144 246H256L246 290H154Z", darker(c, 0.08)),
        rect(152, 290, 96, 20, darker(c, 0.2), r=8),
        rect(106, 132, 188, 24, darker(c, 0.16), r=11),
        path("M132 197H268M144 245H256", stroke=darker(c, 0.3), width=5),
        path("M140 164L150 190M154 212L160 236", stroke=lighter(c, 0.55), width=6),
        path("M290 144C322 150 322 196 296 200", stroke=darker(c, 0.22), width=8),
    )


DRAWINGS = {
    "bottle": bottle,
    "tumbler": tumbler,
    "enamel_mug": enamel_mug,
    "flask": flask,
    "carafe": carafe,
    "folding_cup": folding_cup,
}
