"""An uploaded file as a stream of batches with row numbers: the protocol, CSV and Parquet."""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownLambdaType=false

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from agentverse.populations.csv_scanning import (
    Header,
    Records,
    Scanner,
    check_columns,
    checked_blocks,
    read_header,
    scan_records,
)
from agentverse.populations.errors import (
    CorruptParquet,
    HeaderOnly,
    MalformedCsv,
    TooManyRows,
    UnsupportedColumn,
)
from agentverse.populations.labelled import words_of
from agentverse.populations.limits import (
    INSPECTED_BYTES,
    INSPECTED_ROWS,
    LARGEST_VALUE_BYTES,
    MEBIBYTE,
    MOST_ROWS,
)
from agentverse.populations.parquet_pages import check_pages
from agentverse.populations.schemas import FileReading
from agentverse.populations.text_files import TextFile

READ_BYTES = 8 * MEBIBYTE
PARQUET_BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongWidth:
    """A CSV row whose number of values is not the header's."""

    line: int
    values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some rows. line: int64[n], line of the file (CSV) or row (Parquet), both from 1."""

    line: NDArray[np.int64]
    columns: dict[str, pa.Array]
    wrong_width: list[WrongWidth]
    bytes_done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """What a file itself says of a column. label: the question; words: by code, in the order of
    the codes; no_answer: rows of the sample by code that is declared to mean no answer."""

    label: str = ""
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    is_ordered: bool = False
    no_answer: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a file says beside its rows. sheets: that can be chosen, of a workbook; reading: what
    was chosen or recognised; odd_words: that show whether the encoding was guessed right;
    columns: by name, those of which the file says anything."""

    reading: FileReading
    sheets: tuple[str, ...] = ()
    odd_words: tuple[str, ...] = ()
    columns: Mapping[str, ColumnFacts] = field(default_factory=dict[str, ColumnFacts])


class SurveyFile(Protocol):
    """A file of rows and named columns."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def size_bytes(self) -> int: ...
    def sample(self) -> Batch:
        """Return the first rows, all columns."""
        ...

    def rows_estimated(self, sampled: Batch) -> int: ...
    def facts(self) -> FileFacts:
        """Return what the file says beside its rows; of a sample that was taken before."""
        ...

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """Yield all rows in file order, the named columns only."""
        ...


class CsvSurvey:
    """CSV; every value is read as text and converted by the checks, so none is lost silently."""

    def __init__(self, text: TextFile, reading: FileReading) -> None:
        self._text = text
        self._path = text.path
        self.header: Header = read_header(text, reading.header_line)
        self._records: Records | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return self.header.columns

    @property
    def size_bytes(self) -> int:
        return self._path.stat().st_size

    def sample(self) -> Batch:
        """Return the first rows; only whole records inside the first 16 MiB."""
        data, records = self._head()
        source = pa.BufferReader(data)
        rows = next(self._parsed(source, records, self.columns, use_threads=False), None)
        if rows is None:
            return _empty_batch(self.columns)
        keep = min(INSPECTED_ROWS, rows.line.size)
        return Batch(
            line=rows.line[:keep],
            columns={name: column[:keep] for name, column in rows.columns.items()},
            wrong_width=rows.wrong_width,
            bytes_done=len(data),
        )

    def rows_estimated(self, sampled: Batch) -> int:
        """Extrapolate from the bytes a row of the sample takes."""
        _, records = self._head()
        if self._is_whole:
            return len(records)
        data_bytes = self.size_bytes * self._text.ratio - self.header.data_offset
        return round(len(records) * data_bytes / max(1, sampled.bytes_done))

    def facts(self) -> FileFacts:
        reading = FileReading(encoding=self._text.encoding, header_line=self.header.line)
        return FileFacts(reading=reading, odd_words=self._text.odd_words())

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """Scan the file for lines first, once, then parse it in blocks."""
        if self._records is None:
            self._records = scan_records(self._text, self.header)
        records = self._records
        with self._source() as source:
            yield from self._parsed(source, records, columns, use_threads=True)

    def _source(self) -> pa.NativeFile:
        """Below the header; the file itself where nothing has to be unpacked or decoded."""
        if not self._text.is_plain:
            return pa.PythonFile(self._text.open(self.header.data_offset), mode="r")
        source = pa.OSFile(str(self._path))
        source.seek(self.header.data_offset)
        return source

    def _head(self) -> tuple[bytes, Records]:
        with self._text.open(self.header.data_offset) as file:
            data = file.read(INSPECTED_BYTES)
            whole = not file.read(1)
        self._is_whole = whole
        scanner = Scanner(delimiter=ord(self.header.delimiter), line=self.header.data_line)
        if not whole:
            data = data[: data.rfind(b"\n") + 1] or data
        self._check_head(data)
        scanner.feed(data)
        if not whole and scanner.inside:
            # The cut fell into a quoted value that spans lines; the import reads it whole.
            data = data[: _last_outside_break(data)]
            scanner = Scanner(delimiter=scanner.delimiter, line=self.header.data_line)
            scanner.feed(data)
        records = scanner.finish()
        if len(records) == 0:
            raise HeaderOnly(
                f"The file has {len(self.columns)} column names but no row below them. Upload a "
                "file with at least one row per alternative."
            )
        return data, records

    def _check_head(self, data: bytes) -> None:
        for _ in checked_blocks(io.BytesIO(data), first_line=self.header.data_line):
            pass

    def _parsed(
        self, source: pa.NativeFile, records: Records, columns: Sequence[str], *, use_threads: bool
    ) -> Iterator[Batch]:
        right = records.values == len(self.columns)
        line = records.line[right]
        wrong = [
            WrongWidth(line=int(at), values=int(values))
            for at, values in zip(records.line[~right], records.values[~right], strict=True)
        ]
        taken = 0
        for block, bytes_done in self._blocks(source, columns, use_threads=use_threads):
            rows = line[taken : taken + block.num_rows]
            if rows.size != block.num_rows:
                raise _unclear_rows()
            taken += rows.size
            last = taken == line.size
            due = wrong if last else [row for row in wrong if row.line < rows[-1]]
            wrong = wrong[len(due) :]
            names = dict(zip(columns, block.columns, strict=True))
            yield Batch(line=rows, columns=names, wrong_width=due, bytes_done=bytes_done)
        if taken != line.size:
            raise _unclear_rows()
        if wrong:
            yield Batch(line=line[:0], columns={}, wrong_width=wrong, bytes_done=self.size_bytes)

    def _blocks(
        self, source: pa.NativeFile, columns: Sequence[str], *, use_threads: bool
    ) -> Iterator[tuple[pa.RecordBatch, int]]:
        places = [str(self.columns.index(name)) for name in columns]
        try:
            reader = pacsv.open_csv(
                source,
                read_options=pacsv.ReadOptions(
                    column_names=[str(index) for index in range(len(self.columns))],
                    block_size=READ_BYTES if use_threads else INSPECTED_BYTES + 1,
                    use_threads=use_threads,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.header.delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=_skip,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(places, pa.string()), include_columns=places
                ),
            )
            for done, block in enumerate(reader, start=1):
                if block.num_rows:
                    yield block, min(done * READ_BYTES, self.size_bytes)
        except pa.ArrowInvalid as error:
            raise _unclear_rows() from error


def _skip(_row: object) -> str:
    return "skip"


def _unclear_rows() -> MalformedCsv:
    return MalformedCsv(
        "The rows of this file cannot be told apart: its quotes and line ends contradict each "
        "other. Export it again as CSV with one row per line and quotes around text."
    )


def _last_outside_break(data: bytes) -> int:
    """Return the end of the last record of which every quote is closed."""
    bytes_ = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(bytes_ == ord('"'))
    breaks = np.flatnonzero(bytes_ == ord("\n"))
    outside = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
    return int(outside[-1]) + 1 if outside.size else 0


def _empty_batch(columns: Sequence[str]) -> Batch:
    nothing = pa.array([], pa.string())
    return Batch(
        line=np.zeros(0, np.int64),
        columns=dict.fromkeys(columns, nothing),
        wrong_width=[],
        bytes_done=0,
    )


class ParquetSurvey:
    """Parquet; text stays dictionary-encoded, so a small file cannot unfold into a huge one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as file:
            self._check(file)
            self._schema = file.schema_arrow
            self._rows: int = file.metadata.num_rows

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self._schema.names)

    @property
    def size_bytes(self) -> int:
        return self._path.stat().st_size

    def sample(self) -> Batch:
        first = next(iter(self._batches(self.columns, rows=INSPECTED_ROWS)), None)
        return first or _empty_batch(self.columns)

    def rows_estimated(self, sampled: Batch) -> int:
        return self._rows

    def facts(self) -> FileFacts:
        return FileFacts(reading=FileReading())

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        return self._batches(columns, rows=PARQUET_BATCH_ROWS)

    def _batches(self, columns: Sequence[str], *, rows: int) -> Iterator[Batch]:
        done = 0
        wanted = list(dict.fromkeys(columns))
        try:
            with self._open() as file:
                for block in file.iter_batches(batch_size=rows, columns=wanted):
                    block.validate(full=True)
                    _check_values(block)
                    line = np.arange(done + 1, done + 1 + block.num_rows, dtype=np.int64)
                    done += block.num_rows
                    named = {name: block.column(name) for name in columns}
                    share = self.size_bytes * done // max(1, self._rows)
                    yield Batch(line=line, columns=named, wrong_width=[], bytes_done=share)
        except (pa.ArrowException, OSError, MemoryError) as error:
            raise _corrupt(error) from error

    def _open(self) -> pq.ParquetFile:
        try:
            names = [
                field.name
                for field in pq.read_schema(self._path)
                if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
            ]
            return pq.ParquetFile(self._path, read_dictionary=names, memory_map=True)
        except (pa.ArrowException, OSError, MemoryError) as error:
            raise _corrupt(error) from error

    def _check(self, file: pq.ParquetFile) -> None:
        check_columns(tuple(str(name) for name in file.schema_arrow.names))
        metadata = file.metadata
        if metadata.num_rows == 0:
            raise HeaderOnly("The file has columns but no row. Upload a file with rows.")
        if metadata.num_rows > MOST_ROWS:
            raise TooManyRows(
                f"The file has {metadata.num_rows:,} rows; at most {MOST_ROWS:,} can be read. Draw "
                "a random sample of the rows."
            )
        if metadata.num_rows < 0:
            raise _corrupt(ValueError(f"it claims {metadata.num_rows} rows"))
        check_pages(self._path, metadata)
        for column in file.schema_arrow:
            if pa.types.is_nested(column.type):
                raise UnsupportedColumn(
                    f"Column {column.name!r} is nested ({column.type}). Flatten it into plain "
                    "columns or drop it.",
                    column=column.name,
                )


def _check_values(block: Any) -> None:
    """A dictionary writes a text once for any number of rows, so its length must be bounded."""
    for name, column in zip(block.schema.names, block.columns, strict=True):
        words = column.dictionary if pa.types.is_dictionary(column.type) else column
        if not _is_textual(words.type):
            continue
        longest = pc.max(pc.binary_length(words)).as_py() or 0
        if longest > LARGEST_VALUE_BYTES:
            raise UnsupportedColumn(
                f"Column {name!r} holds a text of {longest:,} bytes; at most "
                f"{LARGEST_VALUE_BYTES:,} can be read. Shorten it or drop the column.",
                column=name,
            )


def _is_textual(kind: Any) -> bool:
    return any(
        is_kind(kind)
        for is_kind in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def _corrupt(error: Exception) -> CorruptParquet:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return CorruptParquet(
        f"The Parquet file is damaged or cut off ({reason}). Write it again, or upload CSV."
    )


def as_text(column: Any) -> pa.DictionaryArray:
    """Return any column as trimmed, dictionary-encoded text, as people would write the values."""
    column = words_of(column)
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    words = encoded.dictionary
    if pa.types.is_floating(words.type) or pa.types.is_decimal(words.type):
        written = [_written(value) for value in words.to_pylist()]
        words = pa.array(written, pa.string())
    else:
        words = pc.cast(words, pa.string())
    # JSON columns of the database cannot hold NUL.
    words = pc.replace_substring(pc.utf8_trim_whitespace(words), "\0", "\ufffd")
    return pa.DictionaryArray.from_arrays(encoded.indices, words)


def _written(value: Any) -> str | None:
    if value is None:
        return None
    return (
        str(int(value))
        if value == value and abs(value) < 1e15 and value == int(value)
        else str(value)
    )


def printable(text: str) -> str:
    """Return text that any table, log or page can hold: no control characters, no NUL."""
    return "".join(sign for sign in text if sign.isprintable()).strip()
