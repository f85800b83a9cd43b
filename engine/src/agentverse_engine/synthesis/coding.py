"""Survey columns: labels as codes, alone and crossed with one another, and checked numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError

CROSS = " × "


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedColumn:
    """The categories that occur, in ascending order, and the category of each row.

    labels: per category, its label in each crossed column; codes: int64[rows], positions in
    labels.
    """

    columns: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    codes: NDArray[np.int64]

    @property
    def name(self) -> str:
        """What to call it: `region`, or `region × income`."""
        return CROSS.join(self.columns)


def coded_columns(columns: Mapping[str, ArrayLike]) -> dict[str, CodedColumn]:
    """Code labels or whole numbers, one per survey row; raise RequestError for anything else."""
    coded = {name: _coded(name, np.asarray(values)) for name, values in columns.items()}
    lengths = [column.codes.size for column in coded.values()]
    if not lengths or lengths[0] == 0:
        raise RequestError("hold nothing.", field="columns", fix="Give a column and some rows.")
    for name, column in coded.items():
        if column.codes.size != lengths[0]:
            raise RequestError(
                f"has {column.codes.size} values for {lengths[0]} rows.",
                field=name,
                fix="Give every column one value per survey row.",
            )
    return coded


def crossed(coded: Mapping[str, CodedColumn], names: Sequence[str]) -> CodedColumn:
    """Cross the named columns; the categories are the combinations that occur."""
    _check_names(coded, names)
    parts = [coded[name] for name in names]
    key = parts[0].codes
    for part in parts[1:]:
        # Numbered anew each time, so that many columns cannot overflow the key.
        key = np.unique(key * len(part.labels) + part.codes, return_inverse=True)[1].reshape(-1)
    _, first, codes = np.unique(key, return_index=True, return_inverse=True)
    labels = tuple(
        tuple(part.labels[int(part.codes[row])][0] for part in parts) for row in first.tolist()
    )
    return CodedColumn(columns=tuple(names), labels=labels, codes=codes.reshape(-1))


def numeric_column(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return float64[rows], all finite; raise RequestError for anything else."""
    given = np.asarray(values)
    if given.dtype.kind not in "biuf" or given.ndim != 1 or given.size == 0:
        raise RequestError(
            "is no list of numbers.", field=name, fix="Give one number per survey row."
        )
    numbers = given.astype(np.float64)
    missing = np.flatnonzero(~np.isfinite(numbers))
    if missing.size:
        raise RequestError(
            f"is {numbers[missing[0]]} in row {missing[0]}.",
            field=name,
            fix="Fill or drop rows with missing values.",
        )
    return numbers


def _check_names(coded: Mapping[str, CodedColumn], names: Sequence[str]) -> None:
    for name in names:
        if name not in coded:
            raise RequestError(
                "is not a column of the survey.", field=name, fix=f"Use of: {', '.join(coded)}."
            )
    if not names or len(set(names)) < len(names):
        raise RequestError(
            f"are {', '.join(names) or 'none'}.",
            field="columns",
            fix="Name one column or more, each once.",
        )


def _coded(name: str, values: NDArray[np.generic]) -> CodedColumn:
    labels, codes = np.unique(_plain(name, values), return_inverse=True)
    return CodedColumn(
        columns=(name,),
        labels=tuple((str(label),) for label in labels.tolist()),
        codes=codes.reshape(-1).astype(np.int64),
    )


def _plain(name: str, values: NDArray[np.generic]) -> NDArray[np.generic]:
    if values.ndim != 1:
        raise RequestError(
            f"has {values.ndim} axes.", field=name, fix="Give one value per survey row."
        )
    if values.dtype.kind == "f":
        raise RequestError(
            "holds continuous numbers.", field=name, fix="Bin them with synthesis.quantile_bins."
        )
    if values.dtype.kind in "Ubiu":
        return values
    given: list[object] = values.tolist()
    if any(not isinstance(label, str) for label in given):
        raise RequestError(
            "holds missing or mixed values.",
            field=name,
            fix="Fill them, and use text or whole numbers throughout.",
        )
    return np.array(given, dtype=np.str_)
