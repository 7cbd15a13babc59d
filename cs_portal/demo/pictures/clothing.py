"""What one wears and carries. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import BRASS, darker, lighter
from cs_portal.demo.pictures.shapes import line, mirrored, moved, oval, path, rect, turned

HANGER = path("M200 70C200 52 222 54 218 68C214 78 200 76 200 88L140 112M200 88L260 112", stroke="#8d8479", width=5)


def jacket(c: str) -> str:
    sleeve = path("M140 112L92 146L70 282L108 290L134 194Z", darker(c, 0.1))
    return "".join(
        (
            mirrored(sleeve, path("M73 266L70 282L108 290L111 274Z", darker(c, 0.3))),
            path("M140 110C160 96 240 96 260 110L276 322H124Z", c),
            path("M200 110H258L276 322H200Z", darker(c, 0.08)),
            path("M154 108C150 64 250 64 246 108C232 132 168 132 154 108Z", darker(c, 0.2)),
            path("M170 110C172 84 228 84 230 110C220 124 180 124 170 110Z", darker(c, 0.5)),
            line(200, 124, 200, 322, darker(c, 0.4), 5),
            mirrored(path("M140 236L176 228V272H138Z", darker(c, 0.16)), line(138, 236, 176, 228, darker(c, 0.4), 4)),
            rect(222, 150, 32, 7, lighter(c, 0.5), r=3),
            mirrored(
                path("M178 124L174 164", stroke=lighter(c, 0.5), width=4), oval(174, 168, 4, None, lighter(c, 0.5))
            ),
        )
    )


def fleece(c: str) -> str:
    tufts = "".join(
        path(f"M{x} {y}q5 -6 10 0", stroke=darker(c, 0.14), width=2.5)
        for y in range(146, 310, 22)
        for x in range(142 + (y // 22 % 2) * 11, 252, 24)
    )
    return "".join(
        (
            HANGER,
            mirrored(
                path("M146 112C112 120 98 150 92 182L76 290L112 296L136 196Z", darker(c, 0.07)),
                rect(75, 280, 40, 18, darker(c, 0.35), r=5),
            ),
            path("M144 112C160 104 178 102 186 102H214C222 102 240 104 256 112L268 314H132Z", c),
            tufts,
            rect(168, 88, 64, 34, darker(c, 0.1), r=14),
            rect(132, 304, 136, 18, darker(c, 0.35), r=7),
            line(200, 92, 200, 190, darker(c, 0.4), 5),
            rect(214, 168, 42, 46, "#8f6b4a", r=5),
            line(216, 182, 254, 182, lighter("#8f6b4a", 0.3), 4),
        )
    )


def tshirt(c: str) -> str:
    return "".join(
        (
            HANGER,
            path(
                "M158 108L96 140L76 204L122 222L134 196V322H266V196L278 222L324 204L304 140L242 108C232 134 168 134 158 108Z",
                c,
            ),
            path("M266 196L278 222L324 204L304 140L270 122L258 180V322H266Z", darker(c, 0.12)),
            path("M158 108C168 134 232 134 242 108L234 104C226 122 174 122 166 104Z", darker(c, 0.25)),
            path("M79 196L76 204L122 222L126 213M321 196L324 204L278 222L274 213", stroke=darker(c, 0.25), width=4),
            path("M160 232L186 192L202 216L214 200L240 232Z", lighter(c, 0.5)),
            oval(226, 184, 8, None, lighter(c, 0.5)),
        )
    )


def beanie(c: str) -> str:
    ribs = "".join(path(f"M{x} 238V290", stroke=darker(c, 0.2), width=4) for x in range(112, 300, 18))
    knit = "".join(
        path(f"M{200 + x} 104Q{200 + x * 2.1} 160 {200 + x * 2.3} 228", stroke=darker(c, 0.14), width=4)
        for x in (-36, -18, 0, 18, 36)
    )
    return moved(
        0,
        26,
        path("M104 236C104 150 146 104 200 104C254 104 296 150 296 236Z", c),
        knit,
        path("M240 114C276 134 296 176 296 236H264C264 180 256 142 240 114Z", darker(c, 0.1)),
        oval(200, 92, 30, None, lighter(c, 0.3)),
        oval(192, 84, 12, None, lighter(c, 0.55)),
        rect(94, 228, 212, 72, lighter(c, 0.1), r=18),
        ribs,
        rect(222, 252, 38, 24, "#8f6b4a", r=3),
    )


def socks(c: str) -> str:
    def sock(shade: str) -> str:
        return "".join(
            (
                path("M130 84H198V218L256 262C286 284 262 330 222 318L150 282C132 272 130 262 130 246Z", shade),
                path("M130 84H198V112H130Z", lighter(shade, 0.4)),
                path("M130 128H198M130 142H198", stroke=lighter(shade, 0.4), width=6),
                path(
                    "M198 218C182 226 176 246 188 262L158 286C132 272 130 262 130 246V232C150 232 180 226 198 206Z",
                    darker(shade, 0.22),
                    opacity=0.9,
                ),
                path("M236 247L256 262C286 284 262 330 222 318L204 309C232 300 240 274 236 247Z", darker(shade, 0.22)),
            )
        )

    return moved(-28, 0, moved(64, -8, sock(darker(c, 0.12))), moved(-8, 6, sock(c)))


def sun_hat(c: str) -> str:
    return moved(
        0,
        16,
        oval(200, 246, 146, 44, darker(c, 0.12)),
        path("M54 244C60 300 340 300 346 244C320 268 80 268 54 244Z", c),
        path("M116 240C110 160 140 112 200 112C260 112 290 160 284 240C250 262 150 262 116 240Z", lighter(c, 0.1)),
        path("M246 124C278 146 288 190 284 240C274 247 262 251 250 253C262 210 262 160 246 124Z", darker(c, 0.1)),
        path("M115 214C150 238 250 238 285 214L284 242C250 264 150 264 116 242Z", darker(c, 0.45)),
        "".join(oval(x, 176, 4, None, darker(c, 0.4)) for x in (146, 162)),
        path("M128 274C140 330 186 334 196 300M272 274C260 330 214 334 204 300", stroke="#8f6b4a", width=4),
        rect(192, 292, 16, 18, "#8f6b4a", r=5),
    )


def backpack(c: str) -> str:
    strap = path("M128 132C92 160 88 240 110 288", stroke=darker(c, 0.38), width=16)
    return "".join(
        (
            path("M172 84C172 54 228 54 228 84", stroke=darker(c, 0.4), width=9),
            mirrored(strap),
            path(
                "M122 148C122 102 160 80 200 80C240 80 278 102 278 148V300C278 318 268 328 250 328H150C132 328 122 318 122 300Z",
                c,
            ),
            mirrored(rect(106, 228, 30, 78, darker(c, 0.16), r=10)),
            path(
                "M118 150C118 100 158 78 200 78C242 78 282 100 282 150C282 190 246 196 200 196C154 196 118 190 118 150Z",
                darker(c, 0.12),
            ),
            rect(144, 226, 112, 84, darker(c, 0.1), r=14),
            path("M144 246H256", stroke=darker(c, 0.4), width=4),
            mirrored(rect(158, 172, 14, 66, "#8f6b4a", r=4), rect(155, 212, 20, 16, BRASS, r=4)),
            rect(182, 262, 36, 24, "#8f6b4a", r=3),
            path("M150 116C164 104 180 98 200 98", stroke=lighter(c, 0.35), width=6),
        )
    )


def gloves(c: str) -> str:
    def glove(shade: str) -> str:
        fingers = "".join(rect(x, y, 25, 110, shade, r=12) for x, y in ((112, 122), (139, 100), (166, 96), (193, 112)))
        return "".join(
            (
                fingers,
                turned(38, 226, 226, rect(212, 168, 27, 92, shade, r=13)),
                path("M112 186H218V268C218 286 204 292 194 292H136C124 292 112 286 112 268Z", shade),
                rect(110, 274, 110, 52, darker(shade, 0.25), r=10),
                "".join(line(x, 282, x, 318, lighter(shade, 0.14), 3) for x in range(124, 212, 14)),
                oval(152, 112, 8, 7, lighter(shade, 0.5)),
                path("M137 132V196M164 128V196M191 136V196", stroke=darker(shade, 0.3), width=3),
            )
        )

    return moved(92, 2, turned(9, 170, 220, glove(darker(c, 0.15)))) + moved(-26, 0, turned(-7, 170, 220, glove(c)))


DRAWINGS = {
    "jacket": jacket,
    "fleece": fleece,
    "tshirt": tshirt,
    "beanie": beanie,
    "socks": socks,
    "sun_hat": sun_hat,
    "backpack": backpack,
    "gloves": gloves,
}
