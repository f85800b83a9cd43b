"""A file with one row per person and alternative, read as if it had one row per choice."""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agentverse.populations.checking import as_whole_number, natural_order
from agentverse.populations.errors import LayoutUnclear, MissingColumn, TooManyRows
from agentverse.populations.layouts import is_yes
from agentverse.populations.limits import MOST_CELLS
from agentverse.populations.row_batches import Batch, FileFacts, SurveyFile, WrongWidth, as_text
from agentverse.populations.schemas import LongLayout

MOST_ALTERNATIVES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choices:
    """Which rows make up each choice. first: int64[choices], its first row; place: int64[choices,
    alternatives], the row of each alternative, -1 where it has none; choice: what was chosen."""

    alternatives: list[str]
    first: NDArray[np.int64]
    codes: NDArray[np.int64]
    place: NDArray[np.int64]
    choice: pa.Array


class LongSurvey:
    """One row per choice: what is the same in all its rows by its name, the rest as `cost.car`."""

    def __init__(self, inner: SurveyFile, layout: LongLayout) -> None:
        self._inner = inner
        self._layout = layout
        self._keys = [*layout.situation, layout.alternative, layout.chosen]
        for name in self._keys:
            if name not in inner.columns:
                raise MissingColumn(f"The file has no column {name!r}, which the layout names.")
        self._others = [name for name in inner.columns if name not in self._keys[-2:]]
        self._alternatives: list[str] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every name that can be asked for."""
        turned = [
            f"{name}.{value}" for name in self._others for value in self._values_of_alternative()
        ]
        return (self._layout.alternative, *self._others, *turned)

    @property
    def size_bytes(self) -> int:
        return self._inner.size_bytes

    def sample(self) -> Batch:
        """Return the first whole choices; a column is turned where it varies within one."""
        rows = self._inner.sample()
        choices = self._choices(rows)
        fixed = [name for name in self._others if not _varies(rows.columns[name], choices)]
        names = [self._layout.alternative, *fixed]
        names += [
            f"{name}.{value}"
            for name in self._others
            if name not in fixed
            for value in choices.alternatives
        ]
        made = self._turned(rows, choices, names)
        if choices.first.size > 1 and self._inner.rows_estimated(rows) > rows.line.size:
            made = _without_last(made)  # the end of the sample may have cut it
        return made

    def rows_estimated(self, sampled: Batch) -> int:
        rows = self._inner.sample()
        share = self._choices(rows).first.size / max(1, rows.line.size)
        return round(self._inner.rows_estimated(rows) * share)

    def facts(self) -> FileFacts:
        return self._inner.facts()

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """Put all rows together, then yield them as one batch."""
        wanted = [self._source(name) for name in columns if name != self._layout.alternative]
        raw = list(dict.fromkeys([*self._keys, *wanted]))
        rows = self._whole(raw)
        choices = self._choices(rows)
        for name in columns:
            if name in self._others and _varies(rows.columns[name], choices):
                raise LayoutUnclear(
                    f"Column {name!r} differs between the rows of one choice, so it is no fact "
                    f"about the person. Map {name}.{choices.alternatives[0]} and so on as an "
                    "attribute, or leave it out.",
                    column=name,
                )
        yield self._turned(rows, choices, columns)

    def _values_of_alternative(self) -> list[str]:
        if self._alternatives is None:
            values: set[str] = set()
            for batch in self._inner.batches([self._layout.alternative]):
                values |= _values(batch.columns.get(self._layout.alternative))
            self._alternatives = _checked(values, self._layout.alternative)
        return self._alternatives

    def _source(self, name: str) -> str:
        """Return the column of the file that a name of the turned one comes from."""
        if name in self._others:
            return name
        ends = [f".{value}" for value in self._values_of_alternative()]
        return next(name.removesuffix(end) for end in ends if name.endswith(end))

    def _whole(self, names: Sequence[str]) -> Batch:
        batches = list(self._inner.batches(names))
        rows = sum(batch.line.size for batch in batches)
        if rows * len(names) > MOST_CELLS:
            raise TooManyRows(
                f"The file has {rows:,} rows; with {len(names)} columns in use that is more than "
                f"the {MOST_CELLS:,} cells that can be put together. Draw a random sample of the "
                "people."
            )
        wrong: list[WrongWidth] = [row for batch in batches for row in batch.wrong_width]
        filled = [batch for batch in batches if batch.columns]
        return Batch(
            line=np.concatenate([batch.line for batch in filled]),
            columns={name: _joined([batch.columns[name] for batch in filled]) for name in names},
            wrong_width=wrong,
            bytes_done=self.size_bytes,
        )

    def _choices(self, rows: Batch) -> _Choices:
        layout = self._layout
        codes = _situations([rows.columns[name] for name in layout.situation])
        words = _words(rows.columns[layout.alternative])
        alternatives = _checked(set(words.tolist()) - {""}, layout.alternative)
        column = {value: place for place, value in enumerate(alternatives)}
        kinds = np.array([column.get(word, -1) for word in words.tolist()], np.int64)
        count = int(codes.max()) + 1
        place = np.full((count, len(alternatives)), -1, np.int64)
        valid_rows = np.flatnonzero(kinds >= 0)
        place[codes[valid_rows[::-1]], kinds[valid_rows[::-1]]] = valid_rows[
            ::-1
        ]  # the first one stays
        _check_once(rows, valid_rows, codes, kinds, place, layout, alternatives)
        first = np.full(count, -1, np.int64)
        first[codes[::-1]] = np.arange(codes.size)[::-1]
        flags = is_yes(_words(rows.columns[layout.chosen])) & (kinds >= 0)
        return _Choices(
            alternatives=alternatives,
            first=first,
            codes=codes,
            place=place,
            choice=_chosen(codes, kinds, flags, alternatives, count),
        )

    def _turned(self, rows: Batch, choices: _Choices, names: Sequence[str]) -> Batch:
        columns: dict[str, Any] = {}
        for name in names:
            if name == self._layout.alternative:
                columns[name] = choices.choice
            elif name in self._others:
                columns[name] = rows.columns[name].take(pa.array(choices.first))
            else:
                columns[name] = self._of_alternative(rows, choices, name)
        return Batch(
            line=rows.line[choices.first],
            columns=columns,
            wrong_width=rows.wrong_width,
            bytes_done=rows.bytes_done,
        )

    def _of_alternative(self, rows: Batch, choices: _Choices, name: str) -> Any:
        for index, value in enumerate(choices.alternatives):
            source = name.removesuffix(f".{value}")
            if name.endswith(f".{value}") and source in rows.columns:
                at = choices.place[:, index]
                return rows.columns[source].take(pa.array(at, mask=at < 0))
        raise MissingColumn(f"The turned file has no column {name!r}.")


def _situations(columns: Sequence[Any]) -> NDArray[np.int64]:
    """Return int64[rows], numbered in the order in which the choices first appear."""
    codes = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        column_codes, count = _codes(column)
        codes = codes * count + column_codes
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.empty(first.size, np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(first.size)
    return rank[inverse]


def _codes(column: Any) -> tuple[NDArray[np.int64], int]:
    text = as_text(column)
    places = pc.fill_null(text.indices, len(text.dictionary)).to_numpy(zero_copy_only=False)
    return places.astype(np.int64), len(text.dictionary) + 1


def _words(column: Any) -> NDArray[np.str_]:
    """Return str[rows], "" where there is none."""
    text = as_text(column)
    distinct = np.array(
        [*(as_whole_number(word) or "" for word in text.dictionary.to_pylist()), ""], dtype=object
    )
    return distinct[_codes(column)[0]]


def _values(column: Any) -> set[str]:
    return set() if column is None else set(_words(column).tolist()) - {""}


def _checked(values: set[str], column: str) -> list[str]:
    if not 2 <= len(values) <= MOST_ALTERNATIVES:
        raise LayoutUnclear(
            f"Column {column!r} has {len(values)} different values; the alternatives of a choice "
            f"are 2 to {MOST_ALTERNATIVES}. Name another column as the alternative.",
            column=column,
        )
    return sorted(values, key=natural_order)


def _check_once(
    rows: Batch,
    valid_rows: NDArray[np.int64],
    codes: NDArray[np.int64],
    kinds: NDArray[np.int64],
    place: NDArray[np.int64],
    layout: LongLayout,
    alternatives: Sequence[str],
) -> None:
    again = valid_rows[place[codes[valid_rows], kinds[valid_rows]] != valid_rows]
    if again.size:
        row = int(again[0])
        whose = " and ".join(layout.situation)
        raise LayoutUnclear(
            f"On row {int(rows.line[row])} {alternatives[int(kinds[row])]!r} stands a second time "
            f"for the same {whose}. Name the columns that together tell one choice from the next, "
            "such as the person and the number of the question.",
            column=layout.situation[0],
        )


def _chosen(
    codes: NDArray[np.int64],
    kinds: NDArray[np.int64],
    flags: NDArray[np.bool_],
    alternatives: Sequence[str],
    count: int,
) -> Any:
    """What each choice has chosen: nothing, or several, is no value, and its row is refused."""
    counts = np.bincount(codes[flags], minlength=count)
    words = np.full(count, None, object)
    words[codes[flags]] = np.array(alternatives, object)[kinds[flags]]
    several = np.flatnonzero(counts > 1)
    words[several] = [f"{counts[place]} chosen" for place in several.tolist()]
    return pa.array(words.tolist(), pa.string())


def _varies(column: Any, choices: _Choices) -> bool:
    codes, _ = _codes(column)
    return bool((codes != codes[choices.first][choices.codes]).any())


def _joined(arrays: Sequence[Any]) -> Any:
    plain = [
        array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array
        for array in arrays
    ]
    return pa.concat_arrays(plain)


def _without_last(batch: Batch) -> Batch:
    return Batch(
        line=batch.line[:-1],
        columns={name: column[:-1] for name, column in batch.columns.items()},
        wrong_width=batch.wrong_width,
        bytes_done=batch.bytes_done,
    )
