"""The few SVG shapes that all drawings are made of. Coordinates lie in a square of 400."""

from __future__ import annotations

from collections.abc import Sequence


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def path(d: str, fill: str = "none", *, stroke: str = "", width: float = 0, opacity: float = 1) -> str:
    return f'<path d="{d}" fill="{fill}"{_outline(stroke, width)}{_opacity(opacity)}/>'


def rect(
    x: float,
    y: float,
    w: float,
    h: float,
    fill: str,
    *,
    r: float = 0,
    stroke: str = "",
    width: float = 0,
    opacity: float = 1,
) -> str:
    corner = f' rx="{_number(r)}"' if r else ""
    box = f'x="{_number(x)}" y="{_number(y)}" width="{_number(w)}" height="{_number(h)}"'
    return f'<rect {box}{corner} fill="{fill}"{_outline(stroke, width)}{_opacity(opacity)}/>'


def oval(
    cx: float,
    cy: float,
    rx: float,
    ry: float | None = None,
    fill: str = "none",
    *,
    stroke: str = "",
    width: float = 0,
    opacity: float = 1,
) -> str:
    """A circle when ``ry`` is None."""
    place = f'cx="{_number(cx)}" cy="{_number(cy)}" rx="{_number(rx)}" ry="{_number(rx if ry is None else ry)}"'
    return f'<ellipse {place} fill="{fill}"{_outline(stroke, width)}{_opacity(opacity)}/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float, *, opacity: float = 1) -> str:
    return path(
        f"M{_number(x1)} {_number(y1)}L{_number(x2)} {_number(y2)}", stroke=stroke, width=width, opacity=opacity
    )


def polygon(points: Sequence[tuple[float, float]], fill: str, *, opacity: float = 1) -> str:
    corners = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
    return path(f"M{corners}Z", fill, opacity=opacity)


def turned(angle: float, cx: float, cy: float, *parts: str) -> str:
    return f'<g transform="rotate({_number(angle)} {_number(cx)} {_number(cy)})">{"".join(parts)}</g>'


def moved(dx: float, dy: float, *parts: str, scale: float = 1) -> str:
    zoom = f" scale({scale:g})" if scale != 1 else ""
    return f'<g transform="translate({_number(dx)} {_number(dy)}){zoom}">{"".join(parts)}</g>'


def mirrored(*parts: str) -> str:
    """The parts and their reflection in the vertical axis of the square."""
    inner = "".join(parts)
    return f'{inner}<g transform="translate(400 0) scale(-1 1)">{inner}</g>'


def _outline(stroke: str, width: float) -> str:
    if not stroke:
        return ""
    return f' stroke="{stroke}" stroke-width="{_number(width)}" stroke-linecap="round" stroke-linejoin="round"'


def _opacity(opacity: float) -> str:
    return "" if opacity == 1 else f' opacity="{opacity:g}"'
