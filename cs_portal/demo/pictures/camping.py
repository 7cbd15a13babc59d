"""Tents, and what lies around them. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import BRASS, GLOW, INK, OAK, STEEL, darker, lighter
from cs_portal.demo.pictures.shapes import line, mirrored, moved, oval, path, polygon, rect, turned


def dome_tent(c: str) -> str:
    guy = darker(c, 0.35)
    return "".join(
        (
            mirrored(line(92, 245, 46, 322, guy, 3), line(46, 316, 46, 328, INK, 4)),
            path("M60 325C78 190 140 112 200 106C260 112 322 190 340 325Z", c),
            path("M200 106C260 112 322 190 340 325H270C262 220 236 140 200 106Z", darker(c)),
            path("M200 106C164 140 138 220 130 325H60C78 190 140 112 200 106Z", lighter(c, 0.16)),
            path("M200 160C176 210 164 262 160 325H240C236 262 224 210 200 160Z", darker(c, 0.5)),
            path("M200 160C182 210 172 262 168 325H160C164 262 176 210 200 160Z", lighter(c, 0.5)),
            path("M200 160C214 214 214 280 190 325H240C236 262 224 210 200 160Z", lighter(c, 0.3)),
            path("M130 325C138 220 164 140 200 106M270 325C262 220 236 140 200 106", stroke=darker(c, 0.35), width=4),
            path("M60 325H340", stroke=darker(c, 0.4), width=5),
        )
    )


def tunnel_tent(c: str) -> str:
    seams = "M128 325C128 214 152 150 172 146M196 325C196 214 212 150 226 144M264 325C264 226 270 170 280 158"
    return "".join(
        (
            line(62, 232, 26, 326, darker(c, 0.3), 3),
            line(338, 240, 374, 326, darker(c, 0.3), 3),
            path("M50 325C50 200 92 152 130 148C190 138 260 142 296 164C336 190 350 250 350 325Z", c),
            path("M264 325C264 226 270 170 280 156C330 176 350 250 350 325Z", darker(c)),
            path("M50 325C50 200 92 152 130 148C150 180 152 270 150 325Z", lighter(c, 0.2)),
            path("M70 325C72 238 92 196 110 186C128 200 136 262 136 325Z", darker(c, 0.5)),
            path("M110 186C104 220 98 270 74 325H70C72 238 92 196 110 186Z", lighter(c, 0.5)),
            path(seams, stroke=darker(c, 0.3), width=4),
            path("M212 206C224 200 240 200 252 206V246H212Z", "#dfeef2"),
            path("M212 206C224 200 240 200 252 206V246H212ZM232 202V246", stroke=darker(c, 0.35), width=3),
            path("M50 325H350", stroke=darker(c, 0.4), width=5),
        )
    )


def sleeping_bag(c: str) -> str:
    quilts = "".join(
        path(f"M{128 + i * 3} {y}C170 {y + 12} 230 {y + 12} {272 - i * 3} {y}", stroke=darker(c, 0.22), width=3)
        for i, y in enumerate((196, 226, 256, 286))
    )
    return turned(
        -14,
        200,
        210,
        path("M124 170C118 100 152 62 200 62C248 62 282 100 276 170L262 318C260 346 140 346 138 318Z", c),
        path("M146 158C144 112 166 86 200 86C234 86 256 112 254 158C236 176 164 176 146 158Z", lighter(c, 0.62)),
        oval(200, 138, 34, 22, "#fbf6ec"),
        path("M166 138C170 128 186 120 200 122", stroke="#e4dac8", width=3),
        quilts,
        path("M262 176C258 230 254 280 250 326", stroke=BRASS, width=4),
        rect(255, 196, 8, 16, BRASS, r=3),
    )


def camp_chair(c: str) -> str:
    return "".join(
        (
            line(120, 150, 252, 330, darker(OAK, 0.25), 11),
            line(132, 330, 268, 206, darker(OAK, 0.25), 11),
            path("M116 96L150 232H262C254 244 160 252 140 244L100 104Z", darker(c, 0.25)),
            path("M104 98C130 90 150 92 168 98L190 226L140 240Z", c),
            path("M104 98C130 90 150 92 168 98L173 122C150 116 128 118 110 124Z", lighter(c, 0.22)),
            path("M140 240L190 226L286 222L258 250C220 262 170 258 140 240Z", lighter(c, 0.12)),
            line(100, 92, 172, 330, OAK, 11),
            line(288, 216, 120, 330, OAK, 11),
            line(196, 226, 288, 330, OAK, 11),
            line(112, 176, 250, 172, OAK, 12),
            oval(196, 279, 6, None, INK),
        )
    )


def camp_table(c: str) -> str:
    slats = "".join(rect(68 + i * 30, 168, 27, 16, c if i % 2 else lighter(c, 0.1), r=3) for i in range(9))
    return "".join(
        (
            line(120, 186, 276, 328, darker(c, 0.3), 10),
            line(280, 186, 124, 328, darker(c, 0.3), 10),
            line(112, 328, 140, 328, darker(c, 0.4), 9),
            line(260, 328, 288, 328, darker(c, 0.4), 9),
            rect(70, 182, 260, 9, darker(c, 0.22), r=4),
            slats,
            moved(
                232,
                104,
                rect(0, 20, 44, 44, "#bd6b4e", r=8),
                path("M44 30C60 30 60 52 44 52", stroke="#bd6b4e", width=6),
            ),
            moved(232, 104, rect(0, 20, 44, 7, INK, r=3)),
            path("M110 168V130C110 122 138 122 138 130V168Z", "#9db497"),
            path(
                "M124 126C112 104 120 92 124 84C130 96 138 104 124 126M124 126C138 112 150 112 154 104C152 124 138 128 124 126",
                "#6f8f63",
            ),
        )
    )


def lantern(c: str) -> str:
    dark = darker(c, 0.3)
    return "".join(
        (
            oval(200, 218, 118, None, GLOW, opacity=0.35),
            path("M138 130C138 60 262 60 262 130", stroke=dark, width=7),
            rect(166, 96, 68, 22, c, r=8),
            path("M146 142L164 114H236L254 142Z", c),
            path("M200 114H236L254 142H200Z", darker(c, 0.12)),
            rect(154, 142, 92, 132, "#fff4d6", r=8),
            path("M200 254C176 240 178 214 200 182C222 214 224 240 200 254Z", "#ffc861"),
            path("M200 250C190 242 192 226 200 212C208 226 210 242 200 250Z", "#fff1c4"),
            line(154, 150, 154, 270, dark, 6),
            line(246, 150, 246, 270, dark, 6),
            line(178, 146, 178, 270, dark, 2.5, opacity=0.5),
            line(222, 146, 222, 270, dark, 2.5, opacity=0.5),
            rect(140, 270, 120, 22, c, r=6),
            rect(132, 290, 136, 36, darker(c, 0.14), r=10),
            oval(200, 308, 9, None, lighter(c, 0.4)),
        )
    )


def stove(c: str) -> str:
    flame = "M{0} 176C{1} 160 {2} 148 {0} 132C{3} 148 {4} 160 {0} 176Z"
    flames = "".join(
        path(flame.format(x, x - 12, x - 7, x + 7, x + 12), colour)
        for x, colour in ((164, "#5c9fd0"), (188, "#3f86c4"), (212, "#3f86c4"), (236, "#5c9fd0"))
    )
    return "".join(
        (
            flames,
            path("M122 150L156 196M278 150L244 196", stroke=darker(c, 0.2), width=8),
            path("M110 150H136M264 150H290", stroke=darker(c, 0.2), width=8),
            rect(146, 178, 108, 16, darker(c, 0.12), r=7),
            path("M160 194H240L222 222H178Z", c),
            rect(188, 220, 24, 26, darker(c, 0.3), r=3),
            rect(212, 226, 62, 8, darker(c, 0.1), r=4),
            oval(280, 230, 13, None, "#bd6b4e"),
            path("M138 262C138 246 262 246 262 262V316C262 330 138 330 138 316Z", "#bd6b4e"),
            path("M138 276H262V302H138Z", "#f3e6d2"),
            path("M200 278L212 290L200 302L188 290Z", "#44694f"),
        )
    )


def cooler(c: str) -> str:
    return "".join(
        (
            path("M96 176C96 118 304 118 304 176", stroke=darker(c, 0.42), width=9),
            rect(76, 186, 248, 138, c, r=16),
            path("M76 290H324V308C324 318 316 324 308 324H92C84 324 76 318 76 308Z", darker(c, 0.16)),
            rect(66, 158, 268, 40, lighter(c, 0.34), r=14),
            rect(66, 186, 268, 12, darker(c, 0.12), r=6),
            rect(178, 186, 44, 34, darker(c, 0.42), r=7),
            rect(188, 204, 24, 7, STEEL, r=3),
            rect(84, 168, 22, 30, darker(c, 0.3), r=6),
            rect(294, 168, 22, 30, darker(c, 0.3), r=6),
            path("M104 252H160M104 268H140", stroke=lighter(c, 0.42), width=6),
        )
    )


def hammock(c: str) -> str:
    stripes = "".join(
        path(
            f"M{104 + i * 4} {172 + i * 14}C160 {262 + i * 16} 240 {262 + i * 16} {296 - i * 4} {172 + i * 14}",
            stroke=s,
            width=8,
        )
        for i, s in enumerate((lighter(c, 0.5), darker(c, 0.2), lighter(c, 0.5)))
    )
    tree = (rect(42, 70, 30, 258, "#8a6b50", r=8), path("M50 110V200M62 150V260", stroke="#73573f", width=4))
    return "".join(
        (
            mirrored(*tree),
            mirrored(path("M28 60C40 30 90 34 92 70C70 92 34 88 28 60Z", "#8faa84")),
            mirrored(
                path("M72 150L104 170M72 150L108 186M72 150L112 204", stroke="#e9dfcb", width=3.5),
                rect(40, 142, 34, 14, "#5b6b57", r=3),
            ),
            path("M102 166C150 214 250 214 298 166L290 212C250 318 150 318 110 212Z", c),
            stripes,
            path("M102 166C150 214 250 214 298 166C256 192 144 192 102 166Z", darker(c, 0.3)),
        )
    )


def firepit(c: str) -> str:
    return "".join(
        (
            path("M200 84C166 128 150 152 158 190H244C254 152 214 140 200 84Z", "#e9853d"),
            path("M214 118C198 142 176 156 182 192H232C238 164 218 150 214 118Z", "#f6b44b"),
            path("M206 152C194 166 188 176 192 192H220C224 178 210 170 206 152Z", "#fff0bd"),
            turned(-14, 200, 194, rect(128, 184, 144, 17, "#7a5a40", r=8), oval(130, 192, 7, 8, "#b08b63")),
            turned(14, 200, 194, rect(128, 184, 144, 17, "#6b4d36", r=8), oval(270, 192, 7, 8, "#b08b63")),
            polygon([(92, 196), (308, 196), (264, 286), (136, 286)], c),
            polygon([(200, 196), (308, 196), (264, 286), (200, 286)], darker(c)),
            rect(84, 190, 232, 13, lighter(c, 0.2), r=4),
            "".join(oval(x, 238, 8, None, darker(c, 0.45)) for x in (146, 176, 224, 254)),
            line(140, 284, 118, 328, darker(c, 0.3), 10),
            line(260, 284, 282, 328, darker(c, 0.3), 10),
            line(130, 306, 270, 306, darker(c, 0.3), 7),
        )
    )


DRAWINGS = {
    "dome_tent": dome_tent,
    "tunnel_tent": tunnel_tent,
    "sleeping_bag": sleeping_bag,
    "camp_chair": camp_chair,
    "camp_table": camp_table,
    "lantern": lantern,
    "stove": stove,
    "cooler": cooler,
    "hammock": hammock,
    "firepit": firepit,
}
