"""The simulated people: an immutable struct of arrays, one row per persona."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import PopulationError
from agentverse_engine.numerics.canonical import content_digest, freeze, listed

MOST_CELLS = 4096
_ABSENT_OR_NUMBER = (type(None), bool, int, float)


class Attributes(Mapping[str, NDArray[np.float64]]):
    """Named columns of one matrix float64[personas, attributes], so each value is stored once."""

    __slots__ = ("_position", "matrix", "names")

    def __init__(self, columns: Mapping[str, ArrayLike]) -> None:
        arrays = [_column(name, values) for name, values in columns.items()]
        if len({array.size for array in arrays}) > 1:
            sizes = ", ".join(
                f"{name} {array.size}" for name, array in zip(columns, arrays, strict=True)
            )
            raise PopulationError(
                f"has columns of different length ({sizes}).",
                field="attributes",
                fix="Give every attribute one value per persona.",
            )
        self.hold(tuple(columns), np.stack(arrays, axis=1) if arrays else np.zeros((0, 0)))

    def hold(self, names: tuple[str, ...], matrix: NDArray[np.float64]) -> None:
        """Take a matrix float64[personas, attributes] as it is, and make it read-only."""
        self.names = names
        self._position = {name: position for position, name in enumerate(names)}
        self.matrix = matrix
        matrix.setflags(write=False)

    def __reduce__(self) -> tuple[object, ...]:
        return _attributes_of, (self.names, self.matrix)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self.matrix[:, self._position[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Attributes({', '.join(self.names)})"

    def position(self, name: str) -> int:
        """Return the column of an attribute in `matrix`."""
        return self._position[name]


def _attributes_of(names: tuple[str, ...], matrix: NDArray[np.float64]) -> Attributes:
    attributes = Attributes({})
    attributes.hold(names, matrix)
    return attributes


def _column(name: str, values: ArrayLike) -> NDArray[np.float64]:
    column = _numbers(name, values)
    if column.ndim != 1:
        raise PopulationError(
            f"has {column.ndim} dimensions.", field=name, fix="Give one value per persona."
        )
    bad = np.flatnonzero(~np.isfinite(column))
    if bad.size:
        raise PopulationError(
            f"is {column[bad[0]]} for the persona in row {bad[0]} ({bad.size} such rows).",
            field=name,
            fix="Fill or drop these rows before building the population.",
        )
    return column


def _numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    given = _array(values)
    if given.dtype.kind == "O" and all(isinstance(one, _ABSENT_OR_NUMBER) for one in given.flat):
        with suppress(OverflowError):  # a whole number beyond all floats is refused just below
            given = given.astype(np.float64)  # an absent number is nan, and told with its row
    if given.dtype.kind not in "biuf":
        raise PopulationError(
            f"holds {given.dtype}, not numbers.",
            field=name,
            fix="Code it as numbers: 0 and 1, or a column per label.",
        )
    return given.astype(np.float64, copy=False)


def _array(values: ArrayLike) -> NDArray[Any]:
    """Return an array without a mask: a masked value is absent, so nan, which none may be."""
    try:
        given = np.asanyarray(values)
    except ValueError:  # rows of different length
        return np.array("ragged")
    if not isinstance(given, np.ma.MaskedArray) or not np.ma.is_masked(given):
        return np.asarray(given)
    return np.where(np.ma.getmaskarray(given), np.nan, np.asarray(given))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Population:
    """n personas.

    segment, region: int16[n], index into `segments` and `regions`; attributes: float64[n] each,
    in the unit of its variable; choice: uint8[n], index of the alternative a persona starts with;
    ids: uint32[n], unique, the identity that random draws are keyed by (default 0 … n-1).
    PopulationError: columns of different lengths, codes outside their labels, ids that repeat,
    values that are not finite, too many labels.
    """

    segments: tuple[str, ...]
    regions: tuple[str, ...]
    segment: NDArray[np.int16]
    region: NDArray[np.int16]
    attributes: Mapping[str, NDArray[np.float64]]
    choice: NDArray[np.uint8]
    ids: NDArray[np.uint32] = None  # type: ignore[assignment]  # filled in below
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        freeze(self, {name: _labels(name, getattr(self, name)) for name in ("segments", "regions")})
        if len(self.segments) * len(self.regions) > MOST_CELLS:
            raise PopulationError(
                f"make {len(self.segments) * len(self.regions)} cells.",
                field="segments x regions",
                fix=f"Merge labels until there are at most {MOST_CELLS}.",
            )
        size = _array(self.choice).size
        if size == 0:
            raise PopulationError("is empty.", field="population", fix="Give at least one persona.")
        checked = {
            "choice": _whole("choice", self.choice, size, np.uint8),
            "attributes": _attributes(self.attributes, size),
            "segment": _codes("segment", self.segment, size, len(self.segments)),
            "region": _codes("region", self.region, size, len(self.regions)),
            "ids": _identities(self.ids, size),
        }
        freeze(self, checked)
        freeze(self, {"digest": _digest(self)})

    def __setstate__(self, state: list[Any]) -> None:
        freeze(self, dict(zip((item.name for item in fields(self)), state, strict=True)))

    def __len__(self) -> int:
        return self.choice.size

    def __repr__(self) -> str:
        return (
            f"Population({len(self):,} personas, {len(self.segments)} segments, "
            f"{len(self.regions)} regions, {len(self.attributes)} attributes, {self.digest[:12]})"
        )

    @property
    def matrix(self) -> NDArray[np.float64]:
        """float64[n, attributes]: all attributes, one row per persona."""
        return self._columns().matrix

    def attribute_position(self, name: str) -> int:
        """Return the column of an attribute in `matrix`."""
        return self._columns().position(name)

    def cells(self) -> NDArray[np.int32]:
        """Return int32[n], segment * regions + region: the cell whose effects a persona feels."""
        return self.segment.astype(np.int32) * np.int32(len(self.regions)) + self.region

    def _columns(self) -> Attributes:
        assert isinstance(self.attributes, Attributes)  # noqa: S101  made so in __post_init__
        return self.attributes


def _labels(name: str, given: Any) -> tuple[str, ...]:
    """Return the labels of a tuple or list, or of an array, index or series of text."""
    values = given.tolist() if hasattr(given, "tolist") else given
    labels: tuple[str, ...] = listed(values, field=name, of=str, error=PopulationError)
    if not labels:
        raise PopulationError("holds no label.", field=name, fix="Give at least one label.")
    repeated = sorted({label for label in labels if labels.count(label) > 1})
    if repeated:
        raise PopulationError(
            f"repeats {', '.join(repeated)}.", field=name, fix="Give each label once."
        )
    return labels


def _attributes(columns: Mapping[str, ArrayLike], size: int) -> Attributes:
    if not hasattr(columns, "items"):
        raise PopulationError(
            f"is {columns!r:.60}.", field="attributes", fix="Give a mapping of names to columns."
        )
    attributes = columns if isinstance(columns, Attributes) else Attributes(columns)
    if not attributes.names:
        attributes = _attributes_of((), np.zeros((size, 0)))  # another population may hold the old
    if attributes.matrix.shape[0] != size:
        raise PopulationError(
            f"has {attributes.matrix.shape[0]} rows for {size} personas.",
            field="attributes",
            fix="Give every attribute one value per persona.",
        )
    return attributes


def _whole(name: str, values: ArrayLike, size: int, kind: Any) -> NDArray[Any]:
    given = _array(values)
    if given.ndim != 1 or given.size != size:
        raise PopulationError(
            f"has shape {given.shape} for {size} personas.",
            field=name,
            fix="Give one value per persona.",
        )
    limits = np.iinfo(kind)
    if given.dtype.kind not in "iu" or given.min() < limits.min or given.max() > limits.max:
        raise PopulationError(
            f"must hold whole numbers from {limits.min} to {limits.max}.",
            field=name,
            fix="Code the labels as indices first.",
        )
    return np.array(given, dtype=kind)


def _codes(name: str, values: ArrayLike, size: int, labels: int) -> NDArray[np.int16]:
    codes = _whole(name, values, size, np.int16)
    bad = np.flatnonzero((codes < 0) | (codes >= labels))
    if bad.size:
        raise PopulationError(
            f"is {codes[bad[0]]} in row {bad[0]}, but there are {labels} labels.",
            field=name,
            fix=f"Use indices from 0 to {labels - 1}.",
        )
    return codes


def _identities(ids: ArrayLike | None, size: int) -> NDArray[np.uint32]:
    if ids is None:
        return np.arange(size, dtype=np.uint32)
    identities = _whole("ids", ids, size, np.uint32)
    if np.unique(identities).size != size:
        raise PopulationError("repeat.", field="ids", fix="Give each persona its own id.")
    return identities


def _digest(population: Population) -> str:
    arrays: dict[str, NDArray[Any]] = {
        f"attribute {name}": values for name, values in population.attributes.items()
    }
    for name in ("segment", "region", "choice", "ids"):
        arrays[name] = getattr(population, name)
    labels = [list(population.segments), list(population.regions)]
    return content_digest("population", labels=labels, arrays=arrays)
