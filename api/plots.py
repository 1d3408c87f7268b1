"""Plots on paper: SVG as text, of numbers that stand beside them in a table."""

from collections.abc import Sequence
from decimal import Decimal
from html import escape

_WIDTH, _ROW, _LABEL, _VALUE = 640, 24, 190, 120
_BAR, _LINE = "#0b7044", "#59645d"
_FONT = "Noto Sans CJK SC, Noto Sans, sans-serif"
_DOT = 5


def bars(parts: Sequence[tuple[str, Decimal, str]]) -> str:
    """Bars below each other.

    Args:
        parts: Label, size and what is written behind each.
    """
    top = max((abs(size) for _, size, _ in parts), default=Decimal(0)) or Decimal(1)
    room = _WIDTH - _LABEL - _VALUE
    rows = []
    for place, (label, size, said) in enumerate(parts):
        y, length = place * _ROW, float(abs(size) / top) * room
        rows.append(
            f'<text x="{_LABEL - 8}" y="{y + 16}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{_LABEL}" y="{y + 5}" width="{length:.1f}" height="14" fill="{_BAR}"/>'
            f'<text x="{_LABEL + length + 6:.1f}" y="{y + 16}">{escape(said)}</text>'
        )
    return _drawn("".join(rows), len(parts) * _ROW + 4)


def strip(values: Sequence[Decimal], marks: Sequence[tuple[str, Decimal]], unit: str) -> str:
    """Values as dots on a line, those that fall together above each other, and marks over them.

    Args:
        values: One for each batch.
        marks: What is marked, and where.
        unit: Of the axis.
    """
    if not values:
        return ""
    every = [*values, *(at for _, at in marks)]
    low, high = min(every), max(every)
    room, edge = _WIDTH - 80, 40
    span = high - low or Decimal(1)

    def x_of(value: Decimal) -> float:
        return edge + float((value - low) / span) * room if high > low else edge + room / 2

    heaped: dict[int, int] = {}
    dots = []
    for value in sorted(values):
        column = int(x_of(value) // (2 * _DOT))
        level = heaped[column] = heaped.get(column, -1) + 1
        dots.append((x_of(value), level))
    floor = 40 + (max(heaped.values()) + 1) * 2 * _DOT
    drawn = [f'<path d="M{edge} {floor}H{_WIDTH - edge}" stroke="{_LINE}"/>']
    drawn += [
        f'<circle cx="{x:.1f}" cy="{floor - (2 * level + 1) * _DOT}" r="{_DOT - 1}" fill="{_BAR}"/>'
        for x, level in dots
    ]
    for label, at in marks:
        x = x_of(at)
        drawn.append(
            f'<line x1="{x:.1f}" y1="24" x2="{x:.1f}" y2="{floor}" stroke="{_LINE}"'
            f' stroke-dasharray="4 3"/><text x="{x:.1f}" y="16" text-anchor="middle">'
            f"{escape(label)}</text>"
        )
    for value, anchor in ((low, "start"), (high, "end")) if high > low else ((low, "middle"),):
        drawn.append(
            f'<text x="{x_of(value):.1f}" y="{floor + 18}" text-anchor="{anchor}">'
            f"{value:f} {escape(unit)}</text>"
        )
    return _drawn("".join(drawn), floor + 26)


def _drawn(inside: str, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        f' width="{_WIDTH}" height="{height}" font-family="{_FONT}" font-size="12"'
        f' fill="#18201b">{inside}</svg>'
    )
