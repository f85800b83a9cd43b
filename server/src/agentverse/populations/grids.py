"""Rows of loose cells become a table: which row is the header, what each column holds."""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from statistics import median_low
from typing import Any, Final

import pyarrow as pa

# A title above a table fills fewer columns than this share of the table's.
HEADER_FILLED: Final = 0.6
LOOKED_AT: Final = 50
THREE_DECIMALS: Final = re.compile(r"-?\d+\.\d{3}")


def is_filled(cell: Any) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip())


def find_header(rows: Sequence[Sequence[Any]]) -> int:
    """Return the place of the row with the column names: the first as wide as the table."""
    filled = [sum(map(is_filled, row)) for row in rows[:LOOKED_AT]]
    wide = [count for count in filled if count > 1]
    if not wide:
        return next((index for index, count in enumerate(filled) if count), 0)
    least = max(2, HEADER_FILLED * median_low(wide))
    return next(index for index, count in enumerate(filled) if count >= least)


def as_column(values: Sequence[Any]) -> Any:
    """Return an Arrow column: numbers or booleans where all cells are, else text; gaps are null."""
    cells = [value if is_filled(value) else None for value in values]
    kinds = {type(value) for value in cells if value is not None}
    if kinds <= {int, float}:
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    if kinds == {bool}:
        return pa.array(cells, pa.bool_())
    is_mixed = bool(kinds & {int, float})
    return pa.array(
        [None if cell is None else written(cell, is_mixed=is_mixed) for cell in cells], pa.string()
    )


def written(cell: Any, *, is_mixed: bool = False) -> str:
    """Return a cell as people would write it in a text file.

    is_mixed: among words, where 1.215 must not be taken for a thousand: it is written 1.2150.
    """
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if abs(cell) < 1e15 and cell.is_integer():
            return str(int(cell))
        case float():
            text = repr(cell)
            return f"{text}0" if is_mixed and THREE_DECIMALS.fullmatch(text) else text
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return str(cell)
