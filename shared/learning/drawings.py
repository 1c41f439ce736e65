"""The small drawings that a picture question chooses among: attention maps and curves, as SVG inside an <img>."""

import base64
import html

from shared.learning.questions import Option, Question

SIDE = 150  # of the field inside the drawing, in CSS pixels
WIDTH, HEIGHT = 190, 190
NUMBERS_UP_TO = 5  # tokens: with more, the numbers would not fit


def drawing(question: Question, option: Option) -> str:
    """The option's drawing as a data address. Inside an <img> an SVG runs no script, and its text cannot leave it."""
    inside = _map(option.matrix) if option.matrix else _curve(question, option.curve)
    frame = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="system-ui, sans-serif"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>{inside}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _map(matrix: tuple[tuple[float, ...], ...]) -> str:
    from matplotlib.colors import to_hex

    from shared.visuals import palette

    colors = palette.weights_map()
    rows, columns = len(matrix), len(matrix[0])
    side = min(SIDE / rows, SIDE / columns)
    left, top = 30, 26
    cells = "".join(
        f'<rect x="{left + j * side:.2f}" y="{top + i * side:.2f}" width="{side:.2f}" height="{side:.2f}" '
        f'fill="{to_hex(colors(float(value)))}" stroke="{palette.LINE}" stroke-width="0.75"/>'
        for i, row in enumerate(matrix)
        for j, value in enumerate(row)
    )
    if max(rows, columns) <= NUMBERS_UP_TO:  # color is never the only sign
        cells += "".join(
            f'<text x="{left + (j + 0.5) * side:.2f}" y="{top + (i + 0.5) * side + 4:.2f}" font-size="12" text-anchor="middle" '
            f'fill="{palette.CARD if value > 0.37 else palette.INK}">{value:.1f}</text>'
            for i, row in enumerate(matrix)
            for j, value in enumerate(row)
        )
    return cells + _axis_names("keys →", "← queries", left, top, columns * side, rows * side, above=True)


def _curve(question: Question, curve: tuple[float, ...]) -> str:
    from shared.visuals import palette

    # one scale for all options, or the drawings could not be compared
    values = [y for option in question.options for y in option.curve]
    low, high = min(values + [0.0]), max(values)
    high = high if high > low else low + 1
    left, top = 30, 10

    def y_at(y: float) -> float:
        return top + SIDE * (high - y) / (high - low)

    points = " ".join(f"{left + SIDE * i / (len(curve) - 1):.2f},{y_at(y):.2f}" for i, y in enumerate(curve))
    zero = y_at(0.0)
    return (
        f'<path d="M{left} {top}V{top + SIDE}M{left} {zero:.2f}H{left + SIDE}" stroke="{palette.LINE}"'
        f' stroke-width="1.5"/><polyline points="{points}" fill="none" stroke="{palette.INK}" stroke-width="2.5"'
        ' stroke-linejoin="round"/>'
        + _axis_names(*question.axes, left, top, SIDE, SIDE, above=False)
    )


def _axis_names(x_name: str, y_name: str, left: float, top: float, width: float, height: float, above: bool) -> str:
    from shared.visuals import palette

    x, y = left + width / 2, (top - 9) if above else top + height + 20
    side_y = top + height / 2
    style = f'font-size="13" fill="{palette.INK}" text-anchor="middle"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {style}>{html.escape(x_name)}</text>'
        f'<text transform="translate({left - 12} {side_y:.1f}) rotate(-90)" {style}>{html.escape(y_name)}</text>'
    )
