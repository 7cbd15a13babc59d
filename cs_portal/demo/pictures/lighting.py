"""Lamps and candles. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import BRASS, GLOW, INK, OAK, darker, lighter
from cs_portal.demo.pictures.shapes import line, oval, path, rect


def glow(cx: float, cy: float, r: float) -> str:
    return oval(cx, cy, r, None, GLOW, opacity=0.28) + oval(cx, cy, r * 0.66, None, GLOW, opacity=0.4)


def table_lamp(c: str) -> str:
    return "".join(
        (
            glow(200, 140, 150),
            rect(192, 188, 16, 34, BRASS),
            path(
                "M160 216H240C236 236 266 256 266 286C266 312 244 322 200 322C156 322 134 312 134 286C134 256 164 236 160 216Z",
                c,
            ),
            path(
                "M226 216H240C236 236 266 256 266 286C266 312 244 322 200 322C230 316 244 300 244 282C244 256 222 238 226 216Z",
                darker(c, 0.14),
            ),
            path("M154 274C156 260 164 252 172 246", stroke=lighter(c, 0.5), width=7),
            rect(156, 318, 88, 10, OAK, r=4),
            path("M150 82H250L282 196H118Z", "#fbeccb"),
            path("M222 82H250L282 196H238Z", "#f2dcae"),
            path("M150 82H250M118 196H282", stroke="#dcc08c", width=5),
        )
    )


def floor_lamp(c: str) -> str:
    return "".join(
        (
            glow(200, 112, 130),
            line(200, 168, 200, 220, BRASS, 8),
            line(200, 206, 132, 328, OAK, 10),
            line(200, 206, 200, 330, darker(OAK, 0.14), 10),
            line(200, 206, 268, 328, OAK, 10),
            oval(200, 208, 13, None, BRASS),
            path("M148 66C148 58 252 58 252 66L268 168C268 178 132 178 132 168Z", c),
            path("M226 60C242 60 252 62 252 66L268 168C268 172 256 174 240 175Z", darker(c, 0.1)),
            path("M132 168C132 178 268 178 268 168C262 160 138 160 132 168Z", "#fff1c9"),
            line(166, 82, 156, 148, lighter(c, 0.6), 6),
            path("M206 330C240 342 290 322 330 330", stroke=INK, width=4),
        )
    )


def pendant(c: str) -> str:
    return "".join(
        (
            glow(200, 268, 110),
            line(200, 20, 200, 130, INK, 5),
            rect(186, 118, 28, 34, BRASS, r=6),
            path("M90 262C90 190 140 148 200 148C260 148 310 190 310 262Z", c),
            path("M246 156C284 172 310 210 310 262H268C270 216 262 180 246 156Z", darker(c, 0.14)),
            path("M116 238C124 204 146 182 172 172", stroke=lighter(c, 0.45), width=8),
            oval(200, 262, 110, 16, darker(c, 0.4)),
            oval(200, 262, 110, 16, stroke=darker(c, 0.25), width=5),
            path("M172 266C172 306 228 306 228 266Z", "#fff3cf"),
        )
    )


def string_lights(_c: str) -> str:
    wires = (
        "M30 96C110 196 190 176 240 120C280 80 330 90 372 110",
        "M30 196C120 300 220 290 270 220C300 186 340 180 372 200",
    )
    bulbs = (
        (78, 148),
        (142, 172),
        (204, 156),
        (256, 106),
        (326, 92),
        (74, 246),
        (136, 276),
        (204, 274),
        (262, 232),
        (326, 184),
    )
    drawn = "".join(
        glow(x, y + 26, 34)
        + rect(x - 8, y - 4, 16, 18, "#4a4038", r=4)
        + path(
            f"M{x - 15} {y + 26}C{x - 15} {y + 8} {x + 15} {y + 8} {x + 15} {y + 26}C{x + 15} {y + 44} {x} {y + 50} {x} {y + 50}C{x} {y + 50} {x - 15} {y + 44} {x - 15} {y + 26}Z",
            "#ffdd8f",
        )
        + oval(x - 5, y + 22, 4, 7, "#fff6dc")
        for x, y in bulbs
    )
    return "".join(path(wire, stroke="#4a4038", width=5) for wire in wires) + drawn


def candle(c: str) -> str:
    return "".join(
        (
            glow(200, 128, 88),
            path("M200 92C184 120 180 132 188 148C194 158 206 158 212 148C220 132 212 114 200 92Z", "#f6a93f"),
            path("M200 122C192 134 192 142 196 149C200 154 205 150 206 145C208 138 204 130 200 122Z", "#fff2c2"),
            line(200, 150, 200, 182, INK, 4),
            path(
                "M128 176H272V300C272 318 262 326 246 326H154C138 326 128 318 128 300Z", lighter(c, 0.45), opacity=0.85
            ),
            path(
                "M136 194C170 184 230 184 264 194V300C264 312 256 318 246 318H154C144 318 136 312 136 300Z", "#f6ecd7"
            ),
            oval(200, 192, 64, 12, "#fff8e8"),
            path(
                "M128 176H272V300C272 318 262 326 246 326H154C138 326 128 318 128 300Z", stroke=darker(c, 0.12), width=5
            ),
            rect(152, 222, 96, 66, c, r=6),
            path("M168 244H232M176 258H224M184 272H216", stroke=lighter(c, 0.7), width=4),
            line(142, 204, 142, 294, "#ffffff", 6, opacity=0.7),
        )
    )


def desk_lamp(c: str) -> str:
    return "".join(
        (
            path("M228 142L130 320H366Z", GLOW, opacity=0.35),
            line(150, 306, 112, 206, darker(c, 0.25), 10),
            line(112, 206, 218, 116, darker(c, 0.25), 10),
            oval(112, 206, 13, None, BRASS),
            oval(216, 118, 11, None, BRASS),
            path("M196 106C218 74 262 80 280 108L318 158L206 196C184 166 182 134 196 106Z", c),
            path("M262 88C270 92 276 100 280 108L318 158L280 171C286 140 280 110 262 88Z", darker(c, 0.14)),
            path("M206 196L318 158C306 190 226 216 206 196Z", "#fff3cf"),
            path("M206 130C208 116 216 106 228 102", stroke=lighter(c, 0.5), width=7),
            path("M92 326C92 296 208 296 208 326Z", c),
            rect(92, 318, 116, 10, darker(c, 0.3), r=5),
        )
    )


def night_light(c: str) -> str:
    ear = "M{0} 178C{1} 120 {2} 72 {3} 66C{4} 70 {5} 130 {6} 176Z"
    return "".join(
        (
            glow(200, 226, 150),
            path(ear.format(158, 132, 138, 158, 180, 186, 188), c),
            path(ear.format(166, 150, 150, 160, 170, 176, 178), "#f0b9ae", opacity=0.8),
            path(ear.format(242, 268, 262, 242, 220, 214, 212), c),
            path(ear.format(234, 250, 250, 240, 230, 224, 222), "#f0b9ae", opacity=0.8),
            path(
                "M104 252C104 192 146 160 200 160C254 160 296 192 296 252C296 304 258 326 200 326C142 326 104 304 104 252Z",
                c,
            ),
            path(
                "M262 178C284 194 296 220 296 252C296 304 258 326 200 326C246 316 276 288 276 246C276 216 272 196 262 178Z",
                darker(c, 0.07),
            ),
            oval(168, 238, 8, 9, INK),
            oval(232, 238, 8, 9, INK),
            path(
                "M192 254C196 250 204 250 208 254L200 263ZM200 263V272M186 276C192 282 198 278 200 272C202 278 208 282 214 276",
                "#d98f83",
                stroke="#b9776c",
                width=3,
            ),
            oval(146, 264, 14, 9, "#f0b9ae", opacity=0.8),
            oval(254, 264, 14, 9, "#f0b9ae", opacity=0.8),
        )
    )


DRAWINGS = {
    "table_lamp": table_lamp,
    "floor_lamp": floor_lamp,
    "pendant": pendant,
    "string_lights": string_lights,
    "candle": candle,
    "desk_lamp": desk_lamp,
    "night_light": night_light,
}
