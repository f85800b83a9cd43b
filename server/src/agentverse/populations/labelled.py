"""Columns of codes that carry names for them: numbers where a number is meant, else words.

A column of this kind is an Arrow struct of `code` (float64) and `word` (text).
"""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def labelled(codes: Any, words: Any) -> Any:
    """codes: float64 array; words: text of equal length, null where the code is."""
    return pa.StructArray.from_arrays([codes, words], names=["code", "word"])


def is_labelled(column: Any) -> bool:
    return pa.types.is_struct(column.type)


def codes_of(column: Any) -> Any:
    """The numbers of a labelled column; any other column as it is."""
    return pc.struct_field(column, "code") if is_labelled(column) else column


def words_of(column: Any) -> Any:
    """The words of a labelled column; any other column as it is."""
    return pc.struct_field(column, "word") if is_labelled(column) else column
