"""For the bathroom. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import BRASS, LEAF, OAK, darker, lighter
from cs_portal.demo.pictures.kitchen import detail, sprig
from cs_portal.demo.pictures.shapes import line, mirrored, moved, oval, path, rect, turned


def soap(c: str) -> str:
    return "".join(
        (
            rect(74, 288, 252, 20, OAK, r=8),
            "".join(rect(x, 282, 30, 10, darker(OAK, 0.14), r=3) for x in (96, 146, 196, 246, 282)),
            rect(92, 304, 26, 20, darker(OAK, 0.25), r=4),
            rect(282, 304, 26, 20, darker(OAK, 0.25), r=4),
            rect(98, 178, 204, 106, darker(c, 0.16), r=26),
            rect(98, 168, 204, 100, c, r=26),
            rect(114, 182, 172, 70, "none", r=18, stroke=lighter(c, 0.4), width=5),
            path("M200 236C182 220 182 206 200 192C218 206 218 220 200 236Z", lighter(c, 0.5)),
            "".join(
                oval(x, y, r, None, "#ffffff", stroke="#cfdfe2", width=2, opacity=0.85)
                for x, y, r in ((120, 160, 20), (150, 140, 13), (98, 132, 10), (282, 158, 16), (262, 132, 8))
            ),
        )
    )


def diffuser(c: str) -> str:
    reeds = "".join(line(200, 200, x, 62 + abs(200 - x) * 0.14, darker(OAK, 0.1), 5) for x in (140, 168, 196, 226, 258))
    return "".join(
        (
            reeds,
            rect(176, 166, 48, 20, OAK, r=6),
            path(
                "M178 184H222V204C222 212 262 216 262 244V304C262 318 254 326 240 326H160C146 326 138 318 138 304V244C138 216 178 212 178 204Z",
                lighter(c, 0.5),
                opacity=0.9,
            ),
            path("M146 254H254V304C254 314 248 318 240 318H160C152 318 146 314 146 304Z", c, opacity=0.8),
            path(
                "M178 184H222V204C222 212 262 216 262 244V304C262 318 254 326 240 326H160C146 326 138 318 138 304V244C138 216 178 212 178 204Z",
                stroke=darker(c, 0.12),
                width=5,
            ),
            rect(160, 258, 80, 44, "#faf5ea", r=4),
            path("M174 274H226M182 287H218", stroke=c, width=4),
            line(154, 240, 154, 300, "#ffffff", 6, opacity=0.7),
        )
    )


def basket(c: str) -> str:
    weave = "".join(
        path(f"M{x} {y}q9 -9 18 0", stroke=darker(c, 0.25), width=4)
        for i, y in enumerate(range(196, 322, 16))
        for x in range(112 + (i % 2) * 9, 280, 18)
    )
    return "".join(
        (
            path("M110 158C110 124 290 124 290 158", "#f3ead8"),
            path("M132 134C150 104 180 118 198 108C222 96 262 108 270 136Z", "#9cc4da"),
            path("M188 132C200 112 240 104 262 134Z", "#f7f4ee"),
            path("M98 164H302L286 312C285 322 278 328 268 328H132C122 328 115 322 114 312Z", c),
            weave,
            path(
                "M98 158C98 142 302 142 302 158C312 176 296 196 286 182C270 200 252 180 236 186C216 196 194 180 178 188C158 198 142 180 124 188C106 196 92 180 98 158Z",
                "#f7efdf",
            ),
            mirrored(path("M104 214C80 214 80 256 108 256", stroke=darker(c, 0.3), width=11)),
        )
    )


def mirror(c: str) -> str:
    return "".join(
        (
            oval(200, 196, 132, None, c),
            oval(200, 196, 120, None, "#dcebef"),
            path("M98 260C130 230 160 276 206 250C246 228 280 240 304 226A120 120 0 0 1 98 260Z", "#c4dbe0"),
            path("M132 170L184 118M128 214L228 114M172 220L256 136", stroke="#ffffff", width=9, opacity=0.8),
            rect(112, 324, 176, 11, OAK, r=5),
            moved(
                236,
                262,
                path("M0 62V30C0 22 30 22 30 30V62Z", "#f7f4ee"),
                path("M15 26C0 4 8 -8 15 -16C22 -8 30 4 15 26M15 26C30 14 42 14 46 4", LEAF, stroke=LEAF, width=4),
            ),
        )
    )


def hooks(c: str) -> str:
    def hook(x: float, shade: str) -> str:
        return (
            rect(x - 15, 120, 30, 66, shade, r=14)
            + path(f"M{x} 170V196C{x} 216 {x + 26} 214 {x + 26} 196", stroke=shade, width=15)
            + oval(x, 137, 6, None, darker(shade, 0.25))
        )

    return "".join(
        (
            hook(112, c),
            hook(200, lighter(c, 0.1)),
            hook(288, c),
            path("M118 196C98 220 92 270 96 316H150C156 270 150 222 136 202Z", "#9cc4da"),
            path("M98 282H152M97 296H152", stroke="#f7f4ee", width=6),
            path(
                "M222 202C206 214 208 232 214 240C196 250 192 300 208 318C222 328 240 326 248 312C262 290 252 250 236 240C244 226 240 210 222 202Z",
                "#bd6b4e",
            ),
            path("M214 242H238", stroke="#8f4d36", width=5),
        )
    )


def bath_mat(c: str) -> str:
    slats = "".join(
        path(
            f"M{84 - i * 9} {168 + i * 25}H{316 + i * 9}L{320 + i * 9} {187 + i * 25}H{80 - i * 9}Z",
            c if i % 2 else lighter(c, 0.12),
        )
        for i in range(6)
    )
    return "".join(
        (
            path("M112 168L76 320M200 168V320M288 168L324 320", stroke=darker(c, 0.4), width=16),
            slats,
            moved(
                134,
                96,
                path("M0 70C-4 30 26 6 46 20C60 6 92 20 88 56C90 74 70 82 44 80C20 82 2 80 0 70Z", "#f7f4ee"),
                path("M20 40C30 32 38 34 46 42M48 62C58 54 66 56 72 62", stroke="#d9d2c4", width=4),
            ),
            turned(
                12,
                262,
                130,
                rect(232, 118, 60, 36, "#9db497", r=12),
                rect(240, 126, 44, 20, "none", r=7, stroke="#c5d4c0", width=3),
            ),
        )
    )


def bathrobe(c: str) -> str:
    waffle = "".join(line(x, 120, x, 318, darker(c, 0.07), 2) for x in range(136, 270, 14)) + "".join(
        line(128, y, 272, y, darker(c, 0.07), 2) for y in range(130, 318, 14)
    )
    return "".join(
        (
            path("M200 72C200 54 222 56 218 70C214 80 200 78 200 90L146 112M200 90L254 112", stroke="#8d8479", width=5),
            mirrored(
                path("M150 110C116 118 100 148 94 180L80 270L120 278L138 196Z", darker(c, 0.06)),
                path("M82 254L80 270L120 278L123 262Z", darker(c, 0.14)),
            ),
            path("M148 110C166 102 234 102 252 110L276 326H124Z", c),
            waffle,
            path(
                "M168 102L200 208L232 102L250 109C238 150 220 190 206 220L208 326H190L194 220C180 190 162 150 150 109Z",
                darker(c, 0.13),
            ),
            path("M168 102L200 200L232 102C222 94 178 94 168 102Z", darker(c, 0.3)),
            rect(130, 214, 140, 18, darker(c, 0.2), r=6),
            path("M196 226L184 290M206 226L216 282", stroke=darker(c, 0.22), width=10),
            mirrored(rect(138, 258, 40, 44, darker(c, 0.07), r=4), line(138, 266, 178, 266, darker(c, 0.2), 4)),
        )
    )


def dispenser(c: str) -> str:
    return "".join(
        (
            path("M204 96H158C142 96 136 104 136 118", stroke=BRASS, width=13),
            rect(192, 88, 32, 20, darker(BRASS, 0.1), r=6),
            rect(200, 104, 16, 48, BRASS),
            rect(182, 140, 52, 26, darker(BRASS, 0.16), r=6),
            path(
                "M178 166H238C242 186 280 194 280 226V300C280 318 270 326 252 326H164C146 326 136 318 136 300V226C136 194 174 186 178 166Z",
                c,
            ),
            path(
                "M222 166H238C242 186 280 194 280 226V300C280 318 270 326 252 326H222C244 324 254 316 254 298V228C254 198 224 188 222 166Z",
                darker(c, 0.12),
            ),
            path("M136 284H280V300C280 318 270 326 252 326H164C146 326 136 318 136 300Z", "#cdb79a"),
            path("M154 240C154 222 164 214 174 208", stroke=lighter(c, 0.6), width=7),
            sprig(206, 276, detail(c), 0.72),
        )
    )


DRAWINGS = {
    "soap": soap,
    "diffuser": diffuser,
    "basket": basket,
    "mirror": mirror,
    "hooks": hooks,
    "bath_mat": bath_mat,
    "bathrobe": bathrobe,
    "dispenser": dispenser,
}
