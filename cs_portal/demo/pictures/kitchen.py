"""For stove, table and tea. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import BRASS, LEAF, OAK, STEEL, darker, is_light, lighter
from cs_portal.demo.pictures.shapes import line, moved, oval, path, rect, turned


def sprig(x: float, y: float, colour: str, scale: float = 1) -> str:
    """The fern that the merchant's own stoneware carries, growing upwards from (x, y)."""
    fronds = "".join(
        path(
            f"M0 {-i * 11}C{side * 8} {-i * 11 - 2} {side * 15} {-i * 11 - 9} {side * (17 - i * 2)} {-i * 11 - 13}",
            stroke=colour,
            width=4,
        )
        for i in range(1, 6)
        for side in (-1, 1)
    )
    return moved(x, y, path("M0 4V-70", stroke=colour, width=4), fronds, scale=scale)


def detail(c: str) -> str:
    return darker(c, 0.4) if is_light(c) else lighter(c, 0.5)


def mug(c: str) -> str:
    return "".join(
        (
            path("M262 184C324 178 326 276 258 276", stroke=darker(c, 0.12), width=20),
            path("M118 152H266L262 280C260 312 242 326 214 326H170C142 326 124 312 122 280Z", c),
            path("M232 152H266L262 280C260 312 242 326 214 326H192C222 326 234 308 234 280Z", darker(c, 0.1)),
            oval(192, 152, 74, 18, darker(c, 0.25)),
            oval(192, 155, 63, 12, "#7b4f33"),
            path(
                "M121 270C160 280 224 280 263 270L262 280C260 312 242 326 214 326H170C142 326 124 312 122 280Z",
                "#cdb79a",
            ),
            sprig(186, 256, detail(c), 0.95),
            path(
                "M172 122C160 104 184 96 172 76M206 118C194 100 218 92 206 72", stroke="#ffffff", width=6, opacity=0.75
            ),
        )
    )


def teapot(c: str) -> str:
    return "".join(
        (
            path("M132 172C118 66 282 66 268 172", stroke="#b98f56", width=11),
            path("M132 172C118 66 282 66 268 172", stroke="#9a7340", width=3),
            path("M284 236C318 232 322 196 350 182L356 196C340 220 330 268 286 276Z", darker(c, 0.08)),
            path(
                "M104 244C104 186 146 168 200 168C254 168 296 186 296 244C296 304 252 324 200 324C148 324 104 304 104 244Z",
                c,
            ),
            path(
                "M260 184C284 196 296 214 296 244C296 304 252 324 200 324C240 312 272 284 272 236C272 212 268 196 260 184Z",
                darker(c, 0.12),
            ),
            path("M142 180C150 154 250 154 258 180C240 192 160 192 142 180Z", lighter(c, 0.14)),
            path("M142 180C160 192 240 192 258 180", stroke=darker(c, 0.35), width=4),
            oval(200, 152, 13, 12, darker(c, 0.25)),
            path("M128 232C132 212 144 202 156 198", stroke=lighter(c, 0.5), width=8),
            sprig(196, 292, detail(c), 0.9),
        )
    )


def skillet(c: str) -> str:
    return turned(
        -24,
        200,
        220,
        rect(252, 208, 128, 28, c, r=13),
        oval(364, 222, 8, 6, "#f3ebe0"),
        oval(180, 222, 118, 112, c),
        path("M66 236L48 226L50 210L70 204Z", c),
        oval(180, 222, 118, 112, stroke=lighter(c, 0.14), width=5),
        oval(180, 222, 96, 90, darker(c, 0.3)),
        path("M104 196C114 168 140 148 168 144", stroke=lighter(c, 0.3), width=7),
        path(
            "M132 236C124 206 152 190 174 198C200 184 236 204 228 232C236 262 196 276 176 262C152 276 126 260 132 236Z",
            "#fffaf0",
        ),
        oval(182, 230, 25, 24, "#f2b53d"),
        oval(175, 223, 8, 7, "#fbdc8c"),
    )


def casserole(c: str) -> str:
    return "".join(
        (
            rect(52, 212, 44, 24, darker(c, 0.2), r=11),
            rect(304, 212, 44, 24, darker(c, 0.2), r=11),
            path("M80 196H320V284C320 312 302 326 276 326H124C98 326 80 312 80 284Z", c),
            path("M280 196H320V284C320 312 302 326 276 326H240C268 326 280 312 280 284Z", darker(c, 0.14)),
            path("M76 186C84 146 140 132 200 132C260 132 316 146 324 186Z", lighter(c, 0.1)),
            path("M270 142C300 150 320 164 324 186H284C284 168 280 152 270 142Z", darker(c, 0.06)),
            rect(70, 182, 260, 18, darker(c, 0.2), r=8),
            rect(184, 118, 32, 16, BRASS, r=4),
            oval(200, 112, 24, 14, BRASS),
            path("M112 224C112 260 116 284 126 298", stroke=lighter(c, 0.4), width=7),
            path("M116 166C130 154 150 148 172 146", stroke=lighter(c, 0.5), width=6),
        )
    )


def knife(c: str) -> str:
    return turned(
        -38,
        200,
        200,
        path("M30 176H254V226C180 232 90 226 30 176Z", STEEL),
        path("M30 176H254V190C180 196 90 196 40 183Z", lighter(STEEL, 0.5)),
        path("M52 190C110 220 190 224 254 216V226C180 232 100 226 52 190Z", darker(STEEL, 0.18)),
        rect(250, 172, 18, 40, darker(STEEL, 0.4), r=3),
        path("M266 174H372C384 174 388 184 386 194C384 206 376 208 366 206L266 210Z", c),
        path("M266 198L366 197C374 198 382 198 386 194C384 206 376 208 366 206L266 210Z", darker(c, 0.2)),
        "".join(oval(x, 191, 5, None, BRASS) for x in (290, 322, 354)),
    )


def board(c: str) -> str:
    grain = "".join(
        rect(66 + column * 36, 150 + row * 28, 34, 26, lighter(c, 0.14) if (column + row) % 2 else darker(c, 0.07))
        for row in range(6)
        for column in range(8)
    )
    return turned(
        -5,
        200,
        230,
        rect(56, 144, 300, 184, darker(c, 0.3), r=16),
        rect(56, 136, 300, 184, c, r=16),
        grain,
        rect(70, 150, 272, 156, "none", r=12, stroke=darker(c, 0.28), width=5),
        moved(
            150,
            168,
            path("M40 20C70 -6 104 20 96 54C90 84 62 98 44 90C22 98 -6 82 -8 54C-12 22 18 2 40 20Z", "#c8493c"),
            path("M42 20C44 8 52 0 62 -4", stroke=LEAF, width=6),
            path("M8 44C8 34 14 28 20 26", stroke="#ee9a86", width=7),
        ),
        moved(
            256, 214, path("M0 36C0 12 20 0 40 8C30 26 22 42 0 36Z", LEAF), line(4, 32, 30, 14, darker(LEAF, 0.3), 3)
        ),
    )


def bowls(c: str) -> str:
    rims = "".join(
        path(f"M98 {y}H302L292 {y + 34}H108Z", shade) + rect(94, y - 6, 212, 13, lighter(shade, 0.3), r=6)
        for y, shade in ((222, darker(c, 0.16)), (192, darker(c, 0.05)), (162, darker(c, 0.16)), (132, darker(c, 0.05)))
    )
    return "".join(
        (
            rect(164, 314, 72, 14, darker(c, 0.28), r=4),
            path("M104 240H296C292 286 258 312 230 316H170C142 312 108 286 104 240Z", darker(c, 0.16)),
            path("M268 240H296C292 286 258 312 230 316H206C240 304 264 276 268 240Z", darker(c, 0.26)),
            rims,
            oval(200, 130, 106, 19, lighter(c, 0.3)),
            oval(200, 132, 94, 14, darker(c, 0.16)),
            oval(200, 136, 78, 9, darker(c, 0.08)),
        )
    )


def kettle(c: str) -> str:
    return "".join(
        (
            path(
                "M246 170C306 150 330 176 320 238C318 256 310 270 300 280",
                stroke=darker(c, 0.3) if not is_light(c) else "#8f6b4a",
                width=17,
            ),
            path("M150 262C96 262 112 176 76 158C70 154 66 148 64 140", stroke=darker(c, 0.1), width=12),
            path("M162 160H250L280 296C282 306 276 310 268 310H144C136 310 130 306 132 296Z", c),
            path("M226 160H250L280 296C282 306 276 310 268 310H244C252 310 256 306 254 296Z", darker(c, 0.13)),
            path("M158 160C160 138 252 138 254 160Z", darker(c, 0.2)),
            oval(206, 134, 13, 12, "#8f6b4a"),
            rect(116, 308, 180, 20, darker(c, 0.4), r=9),
            oval(206, 318, 6, 5, "#f2b53d"),
            path("M170 184L156 280", stroke=lighter(c, 0.45), width=7),
        )
    )


def canister(c: str) -> str:
    return "".join(
        (
            rect(122, 150, 156, 176, lighter(c, 0.3), r=18),
            path(
                "M132 214C160 204 186 224 216 214C240 206 256 212 268 212V302C268 312 262 318 252 318H148C138 318 132 312 132 302Z",
                "#8a5a3a",
            ),
            "".join(
                oval(x, y, 9, 6, "#6d4429")
                for x, y in (
                    (156, 240),
                    (190, 232),
                    (228, 240),
                    (170, 268),
                    (212, 262),
                    (246, 270),
                    (152, 298),
                    (192, 294),
                    (234, 298),
                )
            ),
            rect(122, 150, 156, 176, "none", r=18, stroke=darker(c, 0.2), width=5),
            rect(114, 112, 172, 42, OAK, r=12),
            path("M122 126C160 120 240 134 278 124M122 140C180 146 230 136 278 142", stroke=darker(OAK, 0.18), width=3),
            rect(126, 152, 148, 9, "#e9e2d5", r=4),
            line(140, 176, 140, 290, "#ffffff", 8, opacity=0.7),
        )
    )


def apron(c: str) -> str:
    return "".join(
        (
            path("M160 108C150 70 176 56 200 56C224 56 250 70 240 108", stroke=darker(c, 0.3), width=9),
            path("M158 104H242L250 170C276 178 292 196 296 212L288 326H112L104 212C108 196 124 178 150 170Z", c),
            path(
                "M242 104L250 170C276 178 292 196 296 212L288 326H262C268 270 262 210 240 176L228 104Z", darker(c, 0.1)
            ),
            path("M104 206C84 214 72 232 66 252M296 206C316 214 328 232 334 252", stroke=darker(c, 0.3), width=8),
            rect(140, 226, 120, 70, darker(c, 0.08), r=6),
            path("M140 240H260M200 226V296", stroke=darker(c, 0.28), width=4),
            path("M158 104H242L243 116H157Z", darker(c, 0.2)),
            path("M218 232L214 200C212 190 226 190 226 200V232Z", OAK),
            line(164, 130, 158, 168, lighter(c, 0.4), 5),
        )
    )


def tea_tin(c: str) -> str:
    return "".join(
        (
            rect(124, 124, 152, 204, c, r=12),
            rect(244, 124, 32, 204, darker(c, 0.14), r=12),
            rect(116, 92, 168, 46, darker(c, 0.25), r=12),
            rect(126, 128, 148, 8, darker(c, 0.45), r=3),
            rect(144, 168, 112, 124, "#faf4e6", r=8),
            path("M200 276C168 256 166 220 200 190C234 220 232 256 200 276Z", LEAF),
            path("M200 270V208M200 250L184 236M200 236L214 224", stroke="#faf4e6", width=4),
            rect(166, 178, 68, 5, c, r=2),
            rect(134, 104, 60, 8, lighter(c, 0.4), r=4, opacity=0.8),
        )
    )


def infuser(c: str) -> str:
    mesh = "".join(
        oval(x, y, 3, None, darker(c, 0.4))
        for y in range(196, 300, 15)
        for x in range(150 + (y // 15 % 2) * 7, 256, 14)
    )
    return "".join(
        (
            rect(84, 150, 232, 22, c, r=10),
            oval(200, 150, 86, 17, lighter(c, 0.4)),
            path("M130 172H270L256 316C255 324 250 328 242 328H158C150 328 145 324 144 316Z", c),
            path("M240 172H270L256 316C255 324 250 328 242 328H222C232 326 234 320 235 312Z", darker(c, 0.14)),
            mesh,
            oval(200, 118, 16, 14, darker(c, 0.3)),
            path("M130 146C136 116 264 116 270 146Z", lighter(c, 0.2)),
            path("M160 132C172 126 186 124 200 124", stroke="#ffffff", width=5, opacity=0.8),
        )
    )


DRAWINGS = {
    "mug": mug,
    "teapot": teapot,
    "skillet": skillet,
    "casserole": casserole,
    "knife": knife,
    "board": board,
    "bowls": bowls,
    "kettle": kettle,
    "canister": canister,
    "apron": apron,
    "tea_tin": tea_tin,
    "infuser": infuser,
}
