"""Where the records of a CSV file start and how many values each has, found in one fast pass.

pyarrow parses values quickly but cannot say on which line a row stood, so this scan does.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.errors import (
    DuplicateColumns,
    EmptyFile,
    HeaderOnly,
    MalformedCsv,
    NotUtf8,
    TooManyColumns,
    TooManyRows,
    UnsupportedColumn,
)
from agentverse.populations.grids import find_header
from agentverse.populations.limits import LARGEST_RECORD_BYTES, MOST_COLUMNS, MOST_ROWS
from agentverse.populations.text_files import TextFile

BLOCK_BYTES = 8 * 1024 * 1024
LF, CR, QUOTE = 10, 13, 34
DELIMITERS = (",", ";", "\t", "|")
# Excel's own word for the separator of the lines below.
SEPARATOR_LINE = re.compile(rb'"?sep=(.)"?(?:\r\n|\n|\r)', re.IGNORECASE)
TITLE_BYTES = 64 * 1024
TITLE_ROWS = 50
TITLED_COLUMNS = 3

SAVE_AS_UTF8 = (
    "Save it again as UTF-8: in Excel choose “CSV UTF-8”, in a text editor choose the encoding "
    "UTF-8."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The records that are not blank. line: int64[n], 1 is the first line; values: int32[n]."""

    line: NDArray[np.int64]
    values: NDArray[np.int32]

    def __len__(self) -> int:
        return self.line.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Column names and the line they stand on, how values are separated, where the rows begin."""

    line: int
    columns: tuple[str, ...]
    delimiter: str
    data_offset: int
    data_line: int


@dataclass(slots=True, kw_only=True)
class Scanner:
    """Feeds on blocks of bytes and collects records; state is what spans two blocks."""

    delimiter: int
    line: int = 1
    inside: bool = False
    previous: int = LF
    held: bytes = b""
    record_line: int = field(default=0)
    record_values: int = 1
    record_bytes: int = 0
    quote_line: int = 0
    lines: list[NDArray[np.int64]] = field(default_factory=list[NDArray[np.int64]])
    values: list[NDArray[np.int32]] = field(default_factory=list[NDArray[np.int32]])
    row_count: int = 0

    def __post_init__(self) -> None:
        self.record_line = self.line

    def feed(self, block: bytes) -> None:
        """Take the next block; a trailing run of quotes or CR waits for what follows it."""
        block = self.held + block
        kept = block.rstrip(b'"\r')
        self.held = block[len(kept) :]
        if len(self.held) > LARGEST_RECORD_BYTES:
            raise _record_too_long(self.record_line)
        if kept:
            self._take(kept, following=self.held[0] if self.held else None)

    def finish(self) -> Records:
        """Close the last record, which needs no line end."""
        if self.held:
            self._take(self.held, following=None)
            self.held = b""
        if self.inside:
            raise MalformedCsv(
                f"The quote opened on line {self.quote_line} is never closed. Close it, or write "
                'a quote inside a value as two quotes ("").',
                line=self.quote_line,
            )
        if self.record_bytes:
            self._append(np.array([self.record_line]), np.array([self.record_values]))
        return Records(
            line=np.concatenate([np.zeros(0, np.int64), *self.lines]),
            values=np.concatenate([np.zeros(0, np.int32), *self.values]),
        )

    def _take(self, block: bytes, *, following: int | None) -> None:
        data = np.frombuffer(block, np.uint8)
        quotes = self._quotes(data, following)
        breaks = _line_breaks(data, following)
        ends = self._outside(breaks, quotes)
        separators = self._outside(np.flatnonzero(data == self.delimiter), quotes)
        self._records(data, breaks, ends, separators)
        if quotes.size:
            last_opening = int(quotes[-1]) if (quotes.size + self.inside) % 2 else -1
            if last_opening >= 0:
                self.quote_line = self.line + _count_before(breaks, last_opening)
            self.inside = bool((quotes.size + self.inside) % 2)
        self.line += breaks.size
        self.previous = int(data[-1])

    def _outside(
        self, positions: NDArray[np.int64], quotes: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        if quotes.size == 0:
            return positions[:0] if self.inside else positions
        return positions[(np.searchsorted(quotes, positions) + self.inside) % 2 == 0]

    def _quotes(self, data: NDArray[np.uint8], following: int | None) -> NDArray[np.int64]:
        quotes = np.flatnonzero(data == QUOTE)
        if quotes.size == 0:
            return quotes
        before = np.where(quotes > 0, data[quotes - 1], self.previous)
        last = data.size - 1
        after = np.where(
            quotes < last,
            data[np.minimum(quotes + 1, last)],
            LF if following is None else following,
        )
        opening = (np.arange(quotes.size) + self.inside) % 2 == 0
        legal = [self.delimiter, LF, CR, QUOTE]
        wrong = quotes[~np.where(opening, np.isin(before, legal), np.isin(after, legal))]
        if wrong.size:
            line = self.line + _count_before(_line_breaks(data, following), int(wrong[0]))
            raise MalformedCsv(
                f"Line {line} has a quote in the middle of a value. Put quotes around the whole "
                'value and write a quote inside it as two quotes ("").',
                line=line,
            )
        return quotes

    def _records(
        self,
        data: NDArray[np.uint8],
        breaks: NDArray[np.int64],
        ends: NDArray[np.int64],
        separators: NDArray[np.int64],
    ) -> None:
        if ends.size == 0:
            self.record_values += separators.size
            self._grow(data.size)
            return
        starts = np.concatenate([[0], ends[:-1] + 1])
        crlf = (data[ends] == LF) & (np.where(ends > 0, data[ends - 1], self.previous) == CR)
        length = ends - starts - crlf
        length[0] += self.record_bytes
        values = np.diff(np.searchsorted(separators, ends), prepend=0) + 1
        values[0] += self.record_values - 1
        lines = np.empty(ends.size, np.int64)
        lines[0] = self.record_line
        lines[1:] = self.line + np.searchsorted(breaks, ends[:-1]) + 1
        filled = length > 0
        too_long = np.flatnonzero(length > LARGEST_RECORD_BYTES)
        if too_long.size:
            raise _record_too_long(int(lines[too_long[0]]))
        self._append(lines[filled], values[filled])
        self.record_line = self.line + _count_before(breaks, int(ends[-1])) + 1
        self.record_values = 1 + separators.size - _count_before(separators, int(ends[-1]))
        self.record_bytes = 0
        self._grow(int(data.size - ends[-1] - 1))

    def _grow(self, size: int) -> None:
        self.record_bytes += size
        if self.record_bytes > LARGEST_RECORD_BYTES:
            raise _record_too_long(self.record_line)

    def _append(self, lines: NDArray[np.int64], values: NDArray[np.int64]) -> None:
        self.lines.append(lines)
        self.values.append(values.astype(np.int32))
        self.row_count += lines.size
        if self.row_count > MOST_ROWS + 1:
            raise TooManyRows(
                f"The file has more than {MOST_ROWS:,} rows. Draw a random sample of at most that "
                "many; a sample of that size estimates as well as the whole."
            )


def _count_before(positions: NDArray[np.int64], position: int) -> int:
    """Return how many of the ascending positions lie before `position`."""
    return np.searchsorted(positions, np.array([position])).tolist()[0]


def _line_breaks(data: NDArray[np.uint8], following: int | None) -> NDArray[np.int64]:
    """Return where lines end: LF, or CR that no LF follows."""
    breaks = np.flatnonzero(data == LF)
    returns = np.flatnonzero(data == CR)
    if returns.size == 0:
        return breaks
    last = data.size - 1
    after = np.where(returns < last, data[np.minimum(returns + 1, last)], following or 0)
    alone = returns[after != LF]
    return np.sort(np.concatenate([breaks, alone])) if alone.size else breaks


def _record_too_long(line: int) -> MalformedCsv:
    return MalformedCsv(
        f"The row that starts on line {line} is longer than 1 MiB. Most often a quote on that "
        "line is not closed: close it or remove it.",
        line=line,
    )


def read_header(source: TextFile, header_line: int | None = None) -> Header:
    """Find the record with the column names: the one on `header_line`, or the first that is not
    blank, no `sep=;` and not much narrower than the table below it.

    Raises EmptyFile, NotUtf8, or MalformedCsv for one that is no header.
    """
    with source.open() as file:
        head = file.read(LARGEST_RECORD_BYTES + 1)
    if not head.strip():
        raise EmptyFile("The file holds nothing. Upload a CSV file with a header line and rows.")
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    line, said = 1, SEPARATOR_LINE.match(head[start:])
    if said is not None:
        start, line = start + said.end(), 2
    wanted = header_line or _line_below_title(head[start:], line)
    start, line = _at_line(head, start, line, wanted)
    text, size, lines = _first_record(head[start:], first_line=line)
    if "\0" in text:
        raise _nul_byte(line)
    delimiter = said.group(1).decode() if said else _detect_delimiter(text)
    columns = _column_names(text, delimiter, line=line)
    offset = start + size
    _decode(head[offset:], line=line + lines, complete=False)
    return Header(
        line=line,
        columns=columns,
        delimiter=delimiter,
        data_offset=offset,
        data_line=line + lines,
    )


def _at_line(head: bytes, start: int, line: int, wanted: int) -> tuple[int, int]:
    """Return where the wanted line begins, or the first below it that is not blank."""
    while start < len(head) and (line < wanted or head[start] in (LF, CR)):
        end = min(
            (at for at in (head.find(b"\n", start), head.find(b"\r", start)) if at >= 0),
            default=len(head),
        )
        start = end + (2 if head[end : end + 2] == b"\r\n" else 1)
        line += 1
    if start >= len(head):
        raise MalformedCsv(
            f"Line {wanted} holds nothing that could be column names. Name another line.",
            line=wanted,
        )
    return start, line


def _line_below_title(head: bytes, line: int) -> int:
    """Return the line of the first record that is as wide as the table, if titles stand above."""
    text = head[:TITLE_BYTES].decode("utf-8", "replace")
    readings = [_first_rows(text, delimiter) for delimiter in DELIMITERS]
    if any(_is_table(rows) for rows, _ in readings):
        return line
    best = (line, 0)
    for rows, lines in readings:
        filled = [sum(map(bool, row)) for row in rows]
        place = find_header(rows) if rows else 0
        # Two columns are too few to tell a title from a name that holds the separator.
        if place and filled[place] >= TITLED_COLUMNS and max(filled[:place]) * 3 <= filled[place]:
            best = max(best, (line + lines[place], filled[place]), key=lambda table: table[1])
        elif not place and filled and filled[0] > best[1]:
            best = (line, filled[0])
    return best[0]


def _is_table(rows: list[list[str]]) -> bool:
    """Whether all rows are as wide as the first, which then is no title.

    Decimal commas below names that semicolons part look like a wider table under a title.
    """
    widths = {len(row) for row in rows}
    return len(rows) > 1 and len(widths) == 1 and max(widths) > 1


def _first_rows(text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the first rows that are not blank, and how many lines stand above each."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    lines: list[int] = []
    above = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
                lines.append(above)
            above = reader.line_num
            if len(rows) == TITLE_ROWS:
                break
    except csv.Error:
        pass  # what is wrong with it is said with its line when it is read
    return rows, lines


def _first_record(data: bytes, *, first_line: int) -> tuple[str, int, int]:
    """Return the record's text, its bytes with the line end, and how many lines it takes."""
    inside = False
    for position, byte in enumerate(data):
        if byte == QUOTE:
            inside = not inside
        elif byte in (LF, CR) and not inside:
            size = position + (2 if data[position : position + 2] == b"\r\n" else 1)
            text = _decode(data[:position], line=first_line)
            return (
                text,
                size,
                data[:size].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n"),
            )
    if len(data) > LARGEST_RECORD_BYTES or inside:
        raise MalformedCsv(
            f"The header on line {first_line} does not end: a quote in it is never closed, or it "
            "is longer than 1 MiB. The first line must hold the column names.",
            line=first_line,
        )
    return _decode(data, line=first_line), len(data), 1


def _decode(data: bytes, *, line: int, complete: bool = True) -> str:
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, complete)
    except UnicodeDecodeError as error:
        at = line + data.count(b"\n", 0, error.start)
        raise _not_utf8(at, data[error.start]) from error


def _not_utf8(line: int, byte: int) -> NotUtf8:
    return NotUtf8(
        f"The file is not UTF-8 text: byte 0x{byte:02x} near line {line} (it looks like an older "
        f"Windows or Latin-1 encoding). {SAVE_AS_UTF8}",
        line=line,
    )


def _detect_delimiter(header: str) -> str:
    outside = "".join(part for index, part in enumerate(header.split('"')) if index % 2 == 0)
    return max(DELIMITERS, key=outside.count)


def _column_names(text: str, delimiter: str, *, line: int) -> tuple[str, ...]:
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise MalformedCsv(
            f"The header on line {line} cannot be read ({error}). Write one name per column and "
            "put quotes around names that contain the separator.",
            line=line,
        ) from error
    names = tuple(cell.strip() or f"column {index}" for index, cell in enumerate(cells, start=1))
    check_columns(names)
    if all(_is_number(name) for name in names):
        raise MalformedCsv(
            f"Line {line} holds numbers only ({', '.join(names[:3])}, …). The first line must "
            "hold the names of the columns.",
            line=line,
        )
    return names


def check_columns(names: tuple[str, ...]) -> None:
    """Refuse too many columns and names that stand twice.

    Raises TooManyColumns, DuplicateColumns, or UnsupportedColumn for a name with a NUL
    character.
    """
    if len(names) > MOST_COLUMNS:
        raise TooManyColumns(
            f"The file has {len(names):,} columns; at most {MOST_COLUMNS} can be read. Keep the "
            "choice, its attributes, region, segment and the traits you need."
        )
    unclear = next((name for name in names if "\0" in name), None)
    if unclear is not None:
        raise UnsupportedColumn(
            f"The column name {unclear!r} holds a NUL character. Rename the column.",
        )
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    repeated = [name for name, times in seen.items() if times > 1]
    if repeated:
        raise DuplicateColumns(
            f"These column names stand more than once: {', '.join(map(repr, repeated[:10]))}. "
            "Rename or remove the repeated columns.",
            columns=repeated[:50],
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def scan_records(source: TextFile, header: Header) -> Records:
    """Scan all rows below the header; refuses text that is not UTF-8, NUL bytes, bad quoting.

    Raises HeaderOnly where there are none, and what `check_text` raises.
    """
    scanner = Scanner(delimiter=ord(header.delimiter), line=header.data_line)
    with source.open(header.data_offset) as file:
        for block in checked_blocks(file, first_line=header.data_line):
            scanner.feed(block)
    records = scanner.finish()
    if len(records) == 0:
        raise HeaderOnly(
            "The file has column names but no row below them. Upload a file with at least one "
            "row per alternative."
        )
    return records


def checked_blocks(file: BinaryIO, *, first_line: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = first_line
    while block := file.read(BLOCK_BYTES):
        check_text(block, line=line, decoder=decoder)
        line += block.count(b"\n")
        yield block
    check_text(b"", line=line, decoder=decoder, final=True)


def check_text(
    block: bytes, *, line: int, decoder: codecs.IncrementalDecoder, final: bool = False
) -> None:
    """Refuse a block with a NUL byte or one that is not UTF-8.

    Raises MalformedCsv for the first, NotUtf8 for the second.
    """
    nul = block.find(b"\0")
    if nul >= 0:
        at = line + block.count(b"\n", 0, nul)
        raise _nul_byte(at)
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError as error:
        at = line + block.count(b"\n", 0, error.start)
        raise _not_utf8(at, error.object[error.start]) from error


def _nul_byte(line: int) -> MalformedCsv:
    return MalformedCsv(
        f"Line {line} holds a NUL byte, so the file is damaged or not text. Export it again.",
        line=line,
    )
