"""Where does this number come from? A product, softmax, sum or lookup that opens cell by cell, and whole walks of them.

The matrices are drawn to scale, the result lies open as a grid. A cell that is pointed at lights up its row and its
column and shows the sum that made it. Only the columns that can be opened are sent, so that a walk through 512-wide
vectors and 50,000 words stays small.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from shared.visuals.colors import indexed
from shared.visuals.figure import DOTS_PER_INCH
from shared.visuals.matrices import Matrix, matrices_figure
from shared.visuals.page import Page, concepts, pack, ramp, short

How = Literal["product", "softmax", "sum", "lookup"]
HOWS = ("product", "softmax", "sum", "lookup")

MOST_ROWS = 16  # of a result that are opened
MOST_COLUMNS = 16
LONGEST_MARK = 6  # letters on a step's button
MOST_NAMES = 64  # labels of a side that are sent
MOST_NUMBERS = 8192  # in the columns of the right matrix that are sent with a step; 2,048 rows leave four columns
TOLERANCE = 1e-3  # of the largest expected number: room for half-precision models, not for a forgotten division

# the drawing's measures in screen pixels; the same drawing must fit a phone
TOKEN_PX, MOST_TOKENS_PX = 16.0, 200.0
FEATURE_SCALES = (16.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.025)
WIDEST_PX, TALLEST_PX = 290.0, 260.0
CUT_ABOVE, CUT_PX = 4096, 160.0  # a longer side is cut: at half a pixel each, 50,000 words are 25,000 px


@dataclass(frozen=True)
class Step:
    """One step of a walk: how `result` is made from `left` and `right`, with a title and an explaining sentence.

    how: "product": left @ right, then / divided_by, then + bias, then max(0, ·) where relu is set;
         "softmax": each row of left becomes shares, right is None;
         "sum": left + right;
         "lookup": left holds row numbers (T, 1), right is the table.
    mark: what stands on the step's button, such as "4a"; its number in the walk if left out.
    bias: (columns of result,) or None. columns: the columns of result that can be opened; None = up to 16, evenly spaced.
    The numbers are checked when the view is made, see `walk_view`. Used from week 1 day 3 on.
    """

    title: str
    says: str
    left: Matrix
    right: Matrix | None
    result: Matrix
    how: How = "product"
    divided_by: float = 1.0
    bias: np.ndarray | None = None
    relu: bool = False
    columns: Sequence[int] | None = None
    mark: str = ""


def product_view(
    left: Matrix,
    right: Matrix,
    result: Matrix,
    *,
    alt: str,
    caption: str,
    divided_by: float = 1.0,
    says: str = "Every number of the result is one row times one column.",
) -> Page:
    """Open a single product: result = left @ right / divided_by. Arguments and errors as in `Step` and `walk_view`.

    Used from week 1 day 3 on.
    """
    title = f"{left.name} × {right.name} = {result.name}"
    return walk_view([Step(title, says, left, right, result, "product", divided_by)], alt=alt, caption=caption)


def walk_view(steps: Sequence[Step], *, alt: str, caption: str) -> Page:
    """Walk through steps of matrices, forwards and back, and open any number on the way.

    steps: at least one `Step`; matrices that appear in several steps are sent once.
    alt: what a person would learn from the walk; caption: shown below it.
    Results and totals are sent as float32; the factors of products in 65,534 steps of their matrix's range.
    Errors: TypeError or ValueError that names the step and the argument: shapes that do not fit, an unknown `how`, a
    result that is not what the operation gives, numbers that are not finite, columns outside the result.
    Used from week 1 day 4 on.
    """
    steps = list(steps)
    if not steps:
        raise ValueError("steps must hold at least one Step")
    for i, step in enumerate(steps):
        _check(step, f"steps[{i}]")
    base = _fitting_scale(steps[0])
    pool = _Pool()
    sent = [_step_data(step, min(base, _fitting_scale(step)), pool) for step in steps]
    data = {
        "steps": sent,
        "parts": pool.parts,
        "concepts": concepts(),
        "weights": ramp("weights"),
        "signed": ramp("signed"),
        "alt": alt,
    }
    still = matrices_figure(
        [_line(step) for step in steps], alt=alt, caption=caption, feature_px=base if len(steps) == 1 else base / 4
    )
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, heights=_heights(steps, sent), still=_lighter(still.png),
        scripts=["drawing.js", "opened.js", "reason.js", "walk.js"], styles=["walk.css"],
    )  # fmt: skip


# --- is it what it says it is? ----------------------------------------------------------------------------------------


def _check(step: Step, name: str) -> None:
    if not isinstance(step, Step):
        raise TypeError(f"{name} must be a Step, got {type(step).__name__}")
    if not isinstance(step.mark, str) or len(step.mark) > LONGEST_MARK:
        raise ValueError(f"{name}.mark must be a text of at most {LONGEST_MARK} letters, got {step.mark!r}")
    for part in ("title", "says"):
        text = getattr(step, part)
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name}.{part} must say something, got {text!r}")
    name = f"{name} ({step.title!r})"
    if step.how not in HOWS:
        raise ValueError(f"{name}: how must be one of {', '.join(HOWS)}; got {step.how!r}")
    for part in ("left", "right", "result"):
        matrix = getattr(step, part)
        none_is_right = part == "right" and step.how == "softmax"
        if none_is_right and matrix is not None:
            raise ValueError(f"{name}: a softmax has no right matrix, got {_named(matrix)}")
        if not none_is_right and not isinstance(matrix, Matrix):
            raise TypeError(f"{name}: {part} must be a Matrix, got {type(matrix).__name__}")
    plain = step.divided_by == 1.0 and step.bias is None and not step.relu
    if step.how != "product" and not plain:
        raise ValueError(f"{name}: divided_by, bias and relu belong to a product, not to a {step.how}")
    expected = _OPERATIONS[step.how](step, name)
    if step.result.shape != expected.shape:
        raise ValueError(f"{name}: result must have shape {expected.shape}, got {_named(step.result)}")
    apart = np.abs(step.result.values - expected)
    if apart.max() > TOLERANCE * max(np.abs(expected).max(), 1e-6):
        row, column = (int(i) for i in np.unravel_index(apart.argmax(), apart.shape))
        raise ValueError(
            f"{name}: result is not what the {step.how} gives: at row {row}, column {column} it holds "
            f"{step.result.values[row, column]:.6g}, expected {expected[row, column]:.6g}"
        )
    if step.columns is not None:
        columns = list(step.columns)
        width = step.result.shape[1]
        if (
            not 1 <= len(columns) <= MOST_COLUMNS
            or any(not isinstance(c, (int, np.integer)) or not 0 <= c < width for c in columns)
            or len(set(columns)) < len(columns)
        ):
            raise ValueError(
                f"{name}: columns must be 1 to {MOST_COLUMNS} different columns from 0 to {width - 1}, got {columns}"
            )


def _product(step: Step, name: str) -> np.ndarray:
    left, right = step.left, step.right
    if left.shape[1] != right.shape[0]:
        raise ValueError(f"{name}: left must be as wide as right is high, got {_named(left)} and {_named(right)}")
    if not math.isfinite(step.divided_by) or step.divided_by <= 0:
        raise ValueError(f"{name}: divided_by must be a number above 0, got {step.divided_by!r}")
    expected = _wide(left) @ _wide(right) / step.divided_by
    if step.bias is not None:
        bias = np.asarray(step.bias, dtype=np.float64)
        if bias.shape != (right.shape[1],) or not np.isfinite(bias).all():
            raise ValueError(f"{name}: bias must hold {right.shape[1]} finite numbers, got shape {bias.shape}")
        expected = expected + bias
    return np.maximum(expected, 0.0) if step.relu else expected


def _softmax(step: Step, name: str) -> np.ndarray:
    powers = np.exp(_wide(step.left) - _wide(step.left).max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _sum(step: Step, name: str) -> np.ndarray:
    if step.left.shape != step.right.shape:
        raise ValueError(
            f"{name}: left and right must have one shape, got {_named(step.left)} and {_named(step.right)}"
        )
    return _wide(step.left) + _wide(step.right)


def _lookup(step: Step, name: str) -> np.ndarray:
    ids, table = step.left.values, step.right.values
    if ids.shape[1] != 1:
        raise ValueError(f"{name}: left must hold one row number for each token, shape (T, 1), got {_named(step.left)}")
    bad = (ids != np.rint(ids)) | (ids < 0) | (ids >= len(table))
    if bad.any():
        raise ValueError(f"{name}: left must hold row numbers from 0 to {len(table) - 1}, got {ids[bad][0]:g}")
    return table[ids[:, 0].astype(int)]


_OPERATIONS = {"product": _product, "softmax": _softmax, "sum": _sum, "lookup": _lookup}


def _wide(matrix: Matrix) -> np.ndarray:
    """The numbers in at least 32 bits: half precision would not survive a sum over 512 products."""
    return matrix.values.astype(np.promote_types(matrix.values.dtype, np.float32), copy=False)


def _named(matrix: Matrix) -> str:
    return f"{matrix.name} {matrix.shape}"


# --- what is sent -----------------------------------------------------------------------------------------------------


class _Pool:
    """Packed arrays, each sent once however many steps use it."""

    def __init__(self):
        self.parts: list[dict] = []
        self._known: dict[tuple, int] = {}

    def add(self, values: np.ndarray, kind: str, limit: float | None = None) -> int:
        packed = pack(values, kind, limit)
        key = (packed["kind"], tuple(packed["shape"]), packed["scale"], packed["data"])
        if key not in self._known:
            self._known[key] = len(self.parts)
            self.parts.append(packed)
        return self._known[key]


def _step_data(step: Step, feature_px: float, pool: _Pool) -> dict:
    left, right, result = step.left, step.right, step.result
    rows = list(range(min(MOST_ROWS, result.shape[0])))
    inner = left.shape[1] if step.how == "product" else 1
    columns = (
        [int(c) for c in step.columns]
        if step.columns is not None
        else _even(result.shape[1], min(MOST_COLUMNS, max(4, MOST_NUMBERS // inner)))
    )
    opened = np.ix_(rows, columns)
    sent = {
        "title": step.title,
        "mark": step.mark,
        "says": step.says,
        "how": step.how,
        "px": feature_px,
        "rows": rows,
        "columns": columns,
        "chosen": _chosen(columns, result.shape[1], step.columns is not None),
        "value": pool.add(result.values[opened], "float32"),
        "start": [int(i) for i in np.unravel_index(np.abs(result.values[opened]).argmax(), (len(rows), len(columns)))],
        "left": _matrix_data(left, feature_px, pool),
        "right": right and _matrix_data(right, feature_px, pool),
        "result": _matrix_data(result, feature_px, pool, columns),
    }
    if step.how == "product":
        # the sum before division, bias and ReLU
        total = left.values[rows].astype(np.float64) @ right.values[:, columns].astype(np.float64)
        bias = None if step.bias is None else np.asarray(step.bias, dtype=np.float64)[columns]
        names = right.rows if right.rows is not None else left.columns
        sent |= {
            "leftRows": pool.add(left.values[rows], "int16"),
            "rightColumns": pool.add(right.values[:, columns].T, "int16"),
            "total": pool.add(total, "float32"),
            "totalDigits": _digits(total),
            "dividedBy": float(step.divided_by),
            "bias": None if bias is None else pool.add(bias, "float32"),
            "biasDigits": 2 if bias is None else _digits(bias),
            "relu": bool(step.relu),
            "terms": [short(name) for name in names] if names is not None and len(names) <= MOST_ROWS else None,
        }
    elif step.how == "softmax":
        sent |= {"leftRows": pool.add(left.values[rows], "float32")}
    elif step.how == "sum":
        sent |= {
            "leftCells": pool.add(left.values[opened], "float32"),
            "rightCells": pool.add(right.values[opened], "float32"),
        }
    else:
        sent |= {"ids": [int(i) for i in left.values[rows, 0]]}
    return sent


def _matrix_data(matrix: Matrix, feature_px: float, pool: _Pool, columns: Sequence[int] | None = None) -> dict:
    shares = matrix.concept == "attention" and matrix.values.min() >= 0 and matrix.values.max() <= 1 + 1e-6
    sides = [_side_px(matrix, axis, feature_px) for axis in (0, 1)]
    picture = _drawn(matrix, sides, feature_px)
    limit = float(np.abs(picture).max()) or 1.0
    # 254 steps, so that 0 falls on one of them and stays exactly white
    share = picture.clip(0, 1) if shares else (picture / limit + 1) / 2
    return {
        "name": matrix.name,
        "concept": matrix.concept,
        "shape": list(matrix.shape),
        "units": [matrix.row_unit, matrix.column_unit],
        "sides": [round(px, 2) for px, _ in sides],
        "cut": [cut for _, cut in sides],
        "strides": [matrix.stride(axis, feature_px) if matrix.shape[axis] > 1 else 1 for axis in (0, 1)],
        "shares": bool(shares),
        "digits": _digits(matrix.values),
        "limit": float(np.abs(matrix.values[:, columns] if columns is not None else matrix.values).max()) or 1.0,
        "picture": pool.add(share, "uint8", limit=255 / 254),
        "rowNames": None if matrix.rows is None else [[short(t), str(t)] for t in list(matrix.rows)[:MOST_NAMES]],
        "columnNames": _column_names(matrix, columns),
    }


def _column_names(matrix: Matrix, columns: Sequence[int] | None) -> dict[str, list[str]] | None:
    """Short and whole name by column number; of 50,000 words only the opened ones are named."""
    if matrix.columns is None:
        return None
    few = range(len(matrix.columns)) if len(matrix.columns) <= MOST_NAMES else columns
    return None if few is None else {str(c): [short(matrix.columns[c]), str(matrix.columns[c])] for c in few}


def _even(length: int, most: int) -> list[int]:
    """Up to `most` columns at equal distance, from the first on."""
    every = math.ceil(length / most)
    return list(range(0, length, every))


def _chosen(columns: Sequence[int], width: int, by_hand: bool) -> str:
    """How the opened columns were chosen, in words for the grid's heading."""
    if len(columns) == width:
        return f"all {width} columns" if width > 1 else "the only column"
    share = f"{len(columns)} of {width:,} columns"
    return share if by_hand else f"{share}, every {_ordinal(columns[1] - columns[0])}"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _digits(values: np.ndarray) -> int:
    """Decimals that show two digits of a typical number."""
    typical = float(np.sqrt(np.mean(np.square(values))))
    return min(6, max(2, 1 - math.floor(math.log10(typical)))) if typical > 0 else 2


# --- to scale ---------------------------------------------------------------------------------------------------------


def _unit(matrix: Matrix, axis: int) -> str:
    # a single column (the ids of a lookup) is no strip of features
    return "tokens" if matrix.shape[axis] == 1 else (matrix.row_unit, matrix.column_unit)[axis]


def _side_px(matrix: Matrix, axis: int, feature_px: float) -> tuple[float, bool]:
    """Length of a side on screen, and whether it had to be cut."""
    length = matrix.shape[axis]
    if length > CUT_ABOVE:
        return CUT_PX, True
    if _unit(matrix, axis) == "tokens":
        return min(TOKEN_PX * length, MOST_TOKENS_PX), False
    return max(3.0, length * feature_px), False


def _fitting_scale(step: Step) -> float:
    """The largest scale for features at which the step's drawing fits a phone."""
    for px in FEATURE_SCALES:
        left, result = (_side_px(m, 1, px)[0] for m in (step.left, step.result))
        above = _side_px(step.right, 0, px)[0] if step.right is not None else 0.0
        beside = left + result if step.how == "product" else max(left, result)
        if beside <= WIDEST_PX and above <= TALLEST_PX:
            return px
    return FEATURE_SCALES[-1]


def _drawn(matrix: Matrix, sides: Sequence[tuple[float, bool]], feature_px: float) -> np.ndarray:
    """The numbers that the drawing shows: every `stride`-th feature, and of a side that is cut, its beginning."""
    values = matrix.values
    for axis, (px, cut) in enumerate(sides):
        end = int(px / feature_px) if cut else matrix.shape[axis]
        values = values.take(range(0, end, matrix.stride(axis, feature_px)), axis=axis)
    return values


def _lighter(png: bytes) -> bytes:
    """The still at screen resolution: colored noise does not compress, and the frame shows the numbers anyway."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    size = [round(side * 100 / DOTS_PER_INCH) for side in image.size]
    out = io.BytesIO()
    indexed(image.resize(size, Image.Resampling.BOX), 48).save(out, format="PNG", optimize=True)
    return out.getvalue()


def _line(step: Step) -> list[Matrix | str]:
    """The step as a line of the still picture."""
    if step.how == "softmax":
        return [step.left, "softmax of each row →", step.result]
    if step.how == "lookup":
        return [step.right, "rows of the tokens →", step.result]
    after = "" if step.divided_by == 1 else f"÷ {step.divided_by:g} "
    after += "+ bias " if step.bias is not None else ""
    after += "ReLU " if step.relu else ""
    return [step.left, "+" if step.how == "sum" else "×", step.right, f"{after}=", step.result]


# --- how tall the frame must be ---------------------------------------------------------------------------------------


def _heights(steps: Sequence[Step], sent: Sequence[dict]) -> dict[int, str]:
    """Heights at which the tallest step shows whole; mirrors assets/walk.css, generously where text may wrap."""
    heights = {}
    for least in (0, 330, 420, 540, 700, 820):
        inside = max(least, 270) - 8
        tallest = 0.0
        for step, data in zip(steps, sent):
            title = 24 * math.ceil(len(step.title) * 9.4 / inside)
            words = 22 * math.ceil(len(step.says) * 7.8 / inside)
            chips = [len(m.name) * 9 + len(str(m.shape)) * 8.6 + 46 for m in (step.left, step.right, step.result) if m]
            chips += (
                [40]
                + ([90] if step.divided_by != 1 else [])
                + ([80] if step.bias is not None else [])
                + ([70] if step.relu else [])
            )
            equation = 36 * math.ceil(sum(chips) * 1.08 / inside)
            drawing = _drawing_px(step, data)
            grid = 27 * len(data["rows"]) + 92
            reason = _reason_px(step, data, inside if least < 700 else inside - 400)
            panels = max(drawing, grid + reason) if least >= 700 else drawing + grid + reason + 28
            tallest = max(tallest, title + words + equation + panels)
        rail = 44 * math.ceil((44 * len(steps) + 190) / inside) if len(steps) > 1 else 0
        # room for letters that are wider than reckoned: most where lines are shortest
        spare = 110 if least < 330 else 64 if least >= 700 else 36
        heights[least] = f"{round(tallest + rail + spare)}px"
    return heights


def _drawing_px(step: Step, data: dict) -> float:
    high = [data[part]["sides"][0] for part in ("left", "right", "result") if data[part]]
    if step.how == "sum" or (step.how == "softmax" and 2 * data["left"]["sides"][1] > 190):
        return sum(high) + 30 * len(high) + 90
    if step.how == "softmax":
        return max(high) + 120
    return max(data["right"]["sides"][0], 44) + data["result"]["sides"][0] + 176


def _reason_px(step: Step, data: dict, inside: float) -> float:
    if step.how == "softmax":
        return 150 + 26 * min(8, step.left.shape[1])
    if step.how == "lookup":
        return 130
    return 190 + 24 * math.ceil(640 / inside) + (30 if step.bias is not None or step.relu else 0)
