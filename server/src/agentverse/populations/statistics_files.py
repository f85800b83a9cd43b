"""Files of SPSS and Stata: codes with their labels, and codes declared to mean no answer.

pyreadstat: the maintained door to ReadStat, the C library that R's haven stands on too; nothing
else reads .sav, .zsav and .dta with labels and missing codes. Without pandas it brings only
narwhals, which is pure Python.
"""

# pyarrow and pyreadstat ship no types that tell: what comes from them is typed where it leaves.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyreadstat

from agentverse.populations.csv_scanning import check_columns
from agentverse.populations.errors import (
    CorruptStatisticsFile,
    FileTooLarge,
    HeaderOnly,
    TooManyRows,
)
from agentverse.populations.file_formats import FileFormat
from agentverse.populations.grids import as_column, written
from agentverse.populations.labelled import labelled
from agentverse.populations.limits import (
    INSPECTED_ROWS,
    LARGEST_UNPACKED_BYTES,
    MEBIBYTE,
    MOST_CELLS,
    MOST_ROWS,
)
from agentverse.populations.row_batches import Batch, ColumnFacts, FileFacts
from agentverse.populations.schemas import FileReading

# Each part is read from the beginning of the file, so there are few of them.
PART_ROWS: Final = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the file says of a column. label: the question; words: by code, in the order of the
    codes; ranges: of the values that are declared to mean no answer, ends included."""

    label: str
    words: Mapping[float, str]
    ranges: tuple[tuple[Any, Any], ...]
    is_ordered: bool

    def is_missing(self, value: Any) -> bool:
        """Whether a value is declared to mean no answer."""
        if value is None:
            return False
        for low, high in self.ranges:
            if isinstance(value, str) or isinstance(low, str):
                if value == low:
                    return True
            elif low <= value <= high:
                return True
        return False


class StatisticsSurvey:
    """A .sav, .zsav or .dta file; rows are numbered as the program shows them."""

    def __init__(self, path: Path, kind: FileFormat) -> None:
        self._path = path
        self._kind = kind
        _, self._about = self._read(metadataonly=True, user_missing=True)
        self._rows = int(self._about.number_rows or 0)
        self._check()
        # How often each code for no answer stands in the rows read last, by column.
        self.no_answers: dict[str, Counter[str]] = {}
        self.described: dict[str, Described] = {
            name: self._described(name) for name in self.columns
        }

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self._about.column_names)

    @property
    def size_bytes(self) -> int:
        return self._path.stat().st_size

    def sample(self) -> Batch:
        return self._part(self.columns, start=0, rows=INSPECTED_ROWS)

    def rows_estimated(self, sampled: Batch) -> int:
        return self._rows

    def facts(self) -> FileFacts:
        return FileFacts(
            reading=FileReading(),
            columns={
                name: ColumnFacts(
                    label=about.label,
                    words={written(code): word for code, word in about.words.items()},
                    is_ordered=about.is_ordered,
                    no_answer=dict(self.no_answers.get(name, {})),
                )
                for name, about in self.described.items()
            },
        )

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        for start in range(0, self._rows, PART_ROWS):
            yield self._part(columns, start=start, rows=PART_ROWS)

    def _part(self, columns: Sequence[str], *, start: int, rows: int) -> Batch:
        values, _ = self._read(
            usecols=list(dict.fromkeys(columns)), row_offset=start, row_limit=rows,
            output_format="dict", user_missing=True,
        )  # fmt: skip
        self.no_answers = {}
        named = {name: self._column(name, values[name]) for name in dict.fromkeys(columns)}
        count = len(next(iter(named.values()))) if named else 0
        line = np.arange(start + 1, start + 1 + count, dtype=np.int64)
        done = self.size_bytes * (start + count) // max(1, self._rows)
        return Batch(line=line, columns=named, wrong_width=[], bytes_done=done)

    def _column(self, name: str, values: Sequence[Any]) -> Any:
        about = self.described[name]
        is_number = self._about.readstat_variable_types[name] != "string"
        cells = self._answers(name, values, is_number=is_number)
        if not about.words or not is_number:
            words = {code: word for code, word in about.words.items() if isinstance(code, str)}
            return as_column([words.get(cell, cell) for cell in cells] if words else cells)
        codes = pa.array(cells, pa.float64())
        words = [None if cell is None else _word(cell, about.words) for cell in cells]
        return labelled(codes, pa.array(words, pa.string()))

    def _answers(self, name: str, values: Sequence[Any], *, is_number: bool) -> list[Any]:
        """The values with None for what is declared to be no answer, which is counted."""
        about = self.described[name]
        gone = self.no_answers.setdefault(name, Counter())
        if not about.ranges and self._kind != "dta":
            return list(values)
        cells: list[Any] = []
        for value in values:
            # A letter among numbers is one of Stata's codes for no answer.
            if about.is_missing(value) or (is_number and isinstance(value, str)):
                gone[_named_code(value, about)] += 1
                cells.append(None)
            else:
                cells.append(value)
        return cells

    def _described(self, name: str) -> Described:
        about = self._about
        ranges = [(each["lo"], each["hi"]) for each in about.missing_ranges.get(name, [])]
        codes = about.variable_value_labels.get(name, {})
        listed = sorted(codes.items(), key=lambda item: (isinstance(item[0], str), item[0]))
        return Described(
            label=str(about.column_names_to_labels.get(name) or ""),
            words={code: str(word).strip() for code, word in listed if str(word).strip()},
            ranges=tuple(ranges),
            is_ordered=about.variable_measure.get(name) == "ordinal",
        )

    def _check(self) -> None:
        check_columns(self.columns)
        if self._rows <= 0:
            raise HeaderOnly("The file has columns but no row. Upload a file with rows.")
        if self._rows > MOST_ROWS:
            raise TooManyRows(
                f"The file has {self._rows:,} rows; at most {MOST_ROWS:,} can be read. Draw a "
                "random sample of the rows."
            )
        if self._rows * len(self.columns) > MOST_CELLS:
            raise FileTooLarge(
                f"The file has {self._rows:,} rows of {len(self.columns)} columns; at most "
                f"{MOST_CELLS:,} cells can be read. Keep only the columns you need, or draw a "
                "random sample of the rows."
            )
        unpacked = self._rows * sum(map(int, self._about.variable_storage_width.values()))
        if unpacked > LARGEST_UNPACKED_BYTES:
            raise FileTooLarge(
                f"Unpacked the file takes {unpacked / MEBIBYTE:,.0f} MiB; at most "
                f"{LARGEST_UNPACKED_BYTES // MEBIBYTE:,} MiB can be read. Drop long texts, or draw "
                "a random sample of the rows."
            )

    def _read(self, **options: Any) -> tuple[Any, Any]:
        read = pyreadstat.read_dta if self._kind == "dta" else pyreadstat.read_sav
        try:
            return read(str(self._path), **options)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
            raise self._corrupt(error) from error
        except (ValueError, OverflowError, UnicodeError, OSError) as error:
            raise self._corrupt(error) from error

    def _corrupt(self, error: Exception) -> CorruptStatisticsFile:
        program = "Stata" if self._kind == "dta" else "SPSS"
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return CorruptStatisticsFile(
            f"The {program} file is damaged or cut off ({reason}). Open it in {program} and save "
            "it again, or export it as CSV."
        )


def _word(code: float, words: Mapping[float, str]) -> str:
    """Unlabelled codes are written as the numbers they are."""
    return words.get(code) or written(code)


def _named_code(value: Any, about: Described) -> str:
    name = about.words.get(value)
    code = written(value)
    return f"{code} {name}" if name else code
