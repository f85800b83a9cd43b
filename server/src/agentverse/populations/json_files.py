"""Records as JSON: a list of objects, or an object in each line."""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, cast

import numpy as np
import orjson

from agentverse.populations.csv_scanning import check_columns
from agentverse.populations.errors import (
    FileTooLarge,
    HeaderOnly,
    MalformedJson,
    TooManyRows,
    UnsupportedColumn,
)
from agentverse.populations.grids import as_column
from agentverse.populations.limits import (
    INSPECTED_ROWS,
    LARGEST_JSON_BYTES,
    LARGEST_RECORD_BYTES,
    MEBIBYTE,
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_ROWS,
)
from agentverse.populations.row_batches import Batch, FileFacts
from agentverse.populations.schemas import FileReading
from agentverse.populations.text_files import TextFile

BATCH_ROWS: Final = 16_384
Record = Mapping[str, Any]


class JsonSurvey:
    """Objects with the same keys; rows are numbered from 1, or as the lines of the file."""

    def __init__(self, text: TextFile, *, in_lines: bool) -> None:
        self._text = text
        self._in_lines = in_lines
        names: dict[str, None] = {}
        rows = 0
        for _, record in self._records():
            rows += 1
            if not record.keys() <= names.keys():
                names |= dict.fromkeys(record)
                if len(names) > MOST_COLUMNS:
                    check_columns(tuple(names))
            if rows > MOST_ROWS:
                raise TooManyRows(
                    f"The file has more than {MOST_ROWS:,} rows. Draw a random sample of them."
                )
        self._rows = rows
        self._columns = tuple(names)
        check_columns(self._columns)
        if not rows or not names:
            raise HeaderOnly("The file holds no records. Upload a file with rows.")
        if rows * len(names) > MOST_CELLS:
            raise FileTooLarge(
                f"The file has {rows:,} records of {len(names)} keys; at most {MOST_CELLS:,} cells "
                "can be read. Save it as Parquet, or keep only the keys you need."
            )

    @property
    def columns(self) -> tuple[str, ...]:
        return self._columns

    @property
    def size_bytes(self) -> int:
        return self._text.path.stat().st_size

    def sample(self) -> Batch:
        return next(self._batches(self._columns, rows=INSPECTED_ROWS))

    def rows_estimated(self, sampled: Batch) -> int:
        return self._rows

    def facts(self) -> FileFacts:
        return FileFacts(reading=FileReading(encoding=self._text.encoding))

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        return self._batches(columns, rows=BATCH_ROWS)

    def _batches(self, columns: Sequence[str], *, rows: int) -> Iterator[Batch]:
        records = self._records()
        done = 0
        while block := list(islice(records, rows)):
            named = {
                name: as_column([_plain(name, record.get(name), line) for line, record in block])
                for name in dict.fromkeys(columns)
            }
            done += len(block)
            line = np.array([line for line, _ in block], np.int64)
            share = self.size_bytes * done // max(1, self._rows)
            yield Batch(line=line, columns=named, wrong_width=[], bytes_done=share)

    def _records(self) -> Iterator[tuple[int, Record]]:
        return self._of_lines() if self._in_lines else self._of_list()

    def _of_lines(self) -> Iterator[tuple[int, Record]]:
        with self._text.open() as file:
            number = 0
            while line := file.readline(LARGEST_RECORD_BYTES + 1):
                number += 1
                if len(line) > LARGEST_RECORD_BYTES:
                    raise MalformedJson(f"Line {number} is longer than 1 MiB.", line=number)
                if line.strip():
                    yield number, _record(_parsed(line, number), number)

    def _of_list(self) -> Iterator[tuple[int, Record]]:
        with self._text.open() as file:
            data = file.read(LARGEST_JSON_BYTES + 1)
        if len(data) > LARGEST_JSON_BYTES:
            raise FileTooLarge(
                f"A list of records may take {LARGEST_JSON_BYTES // MEBIBYTE} MiB, as it is read "
                "as a whole. Write one record in each line (JSON lines), or save it as Parquet."
            )
        document = _parsed(data, None)
        if not isinstance(document, list):
            raise MalformedJson("The file holds no list of records.")
        for number, each in enumerate(cast("list[Any]", document), start=1):
            yield number, _record(each, number)


def _parsed(data: bytes, line: int | None) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        where = f"Line {line}" if line else f"Line {error.lineno}"
        raise MalformedJson(
            f"{where} is no JSON ({error.msg}). Write it again with a JSON library, or save the "
            "table as CSV.",
            line=line or error.lineno,
        ) from error


def _record(value: Any, number: int) -> Record:
    if not isinstance(value, dict):
        raise MalformedJson(
            f"Record {number} is no object. Each must be one, with the names of the columns as "
            'keys: {"age": 34, "region": "north"}.',
            line=number,
        )
    return cast("Record", value)


def _plain(name: str, value: Any, number: int) -> Any:
    if isinstance(value, dict | list):
        raise UnsupportedColumn(
            f"{name!r} of record {number} is nested. Flatten it into plain columns or drop it.",
            column=name,
        )
    return value
