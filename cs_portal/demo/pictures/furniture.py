"""Tables, seats and shelves. Each function draws one product in the colour ``c``."""

# ruff: noqa: E501 (an SVG path is one string)

from __future__ import annotations

from cs_portal.demo.pictures.colours import BRASS, INK, LEAF, OAK, STEEL, WALNUT, darker, lighter
from cs_portal.demo.pictures.shapes import line, mirrored, moved, oval, path, rect


def chair(c: str) -> str:
    return "".join(
        (
            line(136, 226, 124, 330, darker(c, 0.25), 12),
            line(258, 226, 272, 330, darker(c, 0.25), 12),
            path("M126 76C124 130 128 190 134 226M268 76C270 130 266 190 262 226", stroke=c, width=12),
            path("M116 78C150 62 244 62 280 78L276 112C240 98 156 98 120 112Z", c),
            path("M116 78C150 62 244 62 280 78L279 88C240 74 156 74 117 88Z", lighter(c, 0.2)),
            path("M140 112V214M170 106V214M198 104V214M226 106V214M256 112V214", stroke=darker(c, 0.08), width=6),
            path("M118 216H278L294 250H102Z", "#e6d3ae"),
            path("M118 216L198 250L278 216M102 250L198 222L294 250", stroke="#c9b386", width=3),
            rect(98, 246, 200, 15, c, r=6),
            line(110, 258, 100, 332, c, 13),
            line(288, 258, 298, 332, c, 13),
            line(106, 296, 292, 296, darker(c, 0.12), 8),
        )
    )


def armchair(c: str) -> str:
    return "".join(
        (
            mirrored(line(116, 300, 104, 332, WALNUT, 13)),
            path("M112 118C112 74 154 66 200 66C246 66 288 74 288 118V262H112Z", c),
            path("M126 120C126 90 160 82 200 82C240 82 274 90 274 120V236H126Z", lighter(c, 0.14)),
            path("M200 84V236", stroke=darker(c, 0.14), width=3),
            rect(120, 218, 160, 54, lighter(c, 0.24), r=20),
            mirrored(path("M70 214C70 184 126 184 126 214V300H92C78 300 70 292 70 280Z", darker(c, 0.1))),
            rect(92, 262, 216, 48, darker(c, 0.16), r=14),
            path("M146 188C150 170 196 160 232 176L244 226C210 236 170 236 150 226Z", "#d8a542"),
            path("M160 190L176 228M190 180L204 232M220 178L232 228", stroke="#f0cf86", width=3),
        )
    )


def sofa(c: str) -> str:
    return "".join(
        (
            mirrored(line(82, 306, 76, 330, WALNUT, 12)),
            rect(58, 144, 284, 130, c, r=26),
            rect(74, 158, 124, 100, lighter(c, 0.14), r=18),
            rect(202, 158, 124, 100, lighter(c, 0.14), r=18),
            rect(70, 226, 130, 52, lighter(c, 0.24), r=16),
            rect(200, 226, 130, 52, lighter(c, 0.24), r=16),
            mirrored(rect(32, 192, 48, 112, darker(c, 0.1), r=20)),
            rect(52, 268, 296, 42, darker(c, 0.16), r=14),
            moved(92, 178, path("M2 6C20 0 44 0 60 6C66 22 66 42 60 58C42 64 20 64 2 58C-4 42 -4 22 2 6Z", "#bd6b4e")),
            moved(
                246,
                178,
                path("M2 6C20 0 44 0 60 6C66 22 66 42 60 58C42 64 20 64 2 58C-4 42 -4 22 2 6Z", "#efe4d0"),
                path("M12 20H50M12 32H50M12 44H50", stroke="#cdbb9a", width=4),
            ),
        )
    )


def stool(c: str) -> str:
    return "".join(
        (
            line(200, 190, 200, 316, darker(c, 0.3), 15),
            line(150, 190, 116, 328, c, 16),
            line(250, 190, 284, 328, darker(c, 0.1), 16),
            line(134, 276, 268, 276, darker(c, 0.18), 8),
            path("M92 160C92 196 308 196 308 160V172C308 210 92 210 92 172Z", darker(c, 0.22)),
            oval(200, 160, 108, 34, c),
            oval(200, 156, 96, 27, lighter(c, 0.12)),
            path("M130 158C150 144 190 140 226 142M150 166C180 156 220 154 256 160", stroke=darker(c, 0.12), width=3),
        )
    )


def shelf(c: str) -> str:
    boards = "".join(
        rect(112 - i * 8, y, 176 + i * 16, 13, c if i % 2 else lighter(c, 0.08), r=3)
        for i, y in enumerate((104, 158, 212, 266, 314))
    )
    return "".join(
        (
            line(136, 54, 84, 332, darker(c, 0.2), 11),
            line(264, 54, 316, 332, darker(c, 0.2), 11),
            boards,
            rect(140, 122, 16, 36, "#41708f"), rect(158, 116, 14, 42, "#bd6b4e"), rect(174, 124, 18, 34, "#d8a542"),
            path("M222 158V136C222 130 248 130 248 136V158Z", "#b7afa3"),
            path("M235 134C220 112 228 100 235 92C242 100 250 112 235 134Z", LEAF),
            rect(126, 180, 54, 32, "#cbae79", r=6),
            rect(206, 188, 70, 9, "#9db497"), rect(210, 197, 62, 8, "#efe4d0"), rect(204, 205, 74, 7, "#7a5d80"),
            oval(148, 248, 20, 18, "#bd6b4e"), rect(142, 224, 12, 12, "#bd6b4e"),
            rect(222, 234, 44, 32, "#e3ecef", r=3, stroke="#8f6b4a", width=4), path("M226 262L240 246L250 256L256 250L264 262Z", LEAF),
            rect(120, 288, 64, 26, "#d9c4a0", r=5), rect(216, 284, 64, 30, "#b7afa3", r=5),
        )
    )  # fmt: skip


def side_table(c: str) -> str:
    return "".join(
        (
            line(150, 184, 122, 328, INK, 7),
            line(250, 184, 278, 328, INK, 7),
            line(206, 190, 206, 318, darker(STEEL, 0.5), 7),
            path(
                "M84 172C76 148 130 130 196 130C270 130 322 144 318 170C316 194 256 202 196 202C130 202 90 194 84 172Z",
                darker(c, 0.22),
            ),
            path(
                "M84 164C76 140 130 122 196 122C270 122 322 136 318 162C316 186 256 194 196 194C130 194 90 186 84 164Z",
                c,
            ),
            path("M116 160C140 140 220 134 280 150M134 172C180 154 240 154 290 166", stroke=darker(c, 0.13), width=3),
            moved(
                150,
                78,
                rect(0, 40, 54, 10, "#41708f", r=2),
                rect(4, 50, 58, 11, "#efe4d0", r=2),
                rect(-2, 61, 60, 10, "#bd6b4e", r=2),
            ),
            moved(
                226,
                92,
                rect(0, 14, 34, 44, "#9db497", r=8),
                path("M34 24C48 24 48 44 34 44", stroke="#9db497", width=6),
            ),
        )
    )


def desk(c: str) -> str:
    return "".join(
        (
            line(84, 214, 66, 330, c, 13),
            line(316, 214, 334, 330, c, 13),
            line(110, 214, 104, 318, darker(c, 0.3), 10),
            line(290, 214, 296, 318, darker(c, 0.3), 10),
            rect(40, 192, 320, 17, lighter(c, 0.1), r=5),
            rect(60, 208, 280, 36, c, r=4),
            rect(190, 212, 142, 28, darker(c, 0.1), r=4),
            rect(250, 222, 22, 7, BRASS, r=3),
            rect(196, 116, 104, 66, INK, r=6), rect(202, 122, 92, 54, "#cfe0e6", r=3), path("M202 176V158L226 140L248 162L266 148L294 172V176Z", "#8fb0a0"),
            polygon_stand(),
            path("M88 192V150L112 110", stroke=darker(c, 0.4), width=7), path("M94 118L116 92L142 112L128 134Z", "#d8a542"),
            rect(72, 184, 36, 8, darker(c, 0.4), r=4),
            rect(322, 150, 22, 42, "#bd6b4e", r=4), path("M328 150V128M336 150V120", stroke=OAK, width=4),
        )
    )  # fmt: skip


def polygon_stand() -> str:
    return rect(240, 182, 16, 8, INK) + rect(222, 186, 52, 6, INK, r=3)


def coat_rack(c: str) -> str:
    branches = "".join(
        path(
            f"M200 {y}C{200 + side * 24} {y} {200 + side * 50} {y - 14} {200 + side * 56} {y - 44}",
            stroke=shade,
            width=10,
        )
        for y, side, shade in ((150, 1, c), (150, -1, c), (116, 1, darker(c, 0.1)), (116, -1, darker(c, 0.1)))
    )
    return "".join(
        (
            path("M200 296L130 330M200 296L270 330M200 296V332", stroke=darker(c, 0.15), width=12),
            rect(192, 60, 16, 250, c, r=7),
            branches,
            oval(200, 58, 12, None, lighter(c, 0.2)),
            path("M150 112C128 150 112 230 116 276C136 284 164 282 180 274C182 214 174 146 160 112Z", "#44694f"),
            path("M154 118C150 170 150 230 152 280", stroke="#33523d", width=4),
            path(
                "M232 96C226 82 290 78 286 94C300 98 302 106 300 108C276 116 240 116 216 110C216 102 222 98 232 96Z",
                "#d9c4a0",
            ),
            path("M232 98C248 104 270 102 286 96", stroke="#8f6b4a", width=5),
        )
    )


DRAWINGS = {
    "chair": chair,
    "armchair": armchair,
    "sofa": sofa,
    "stool": stool,
    "shelf": shelf,
    "side_table": side_table,
    "desk": desk,
    "coat_rack": coat_rack,
}
