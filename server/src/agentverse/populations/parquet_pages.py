"""What a Parquet file unfolds to by the headers of its pages, which the decoder obeys.

The footer's own sums are claims that nothing checks. Source: the Parquet format's `PageHeader` in
Thrift's compact protocol.
"""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agentverse.populations.errors import CorruptParquet, FileTooLarge
from agentverse.populations.limits import LARGEST_PAGE_BYTES, LARGEST_UNPACKED_BYTES, MEBIBYTE

MOST_PAGES: Final = 500_000
DEEPEST_STRUCT: Final = 8
# Types of the compact protocol that a page header may hold.
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 12
UNCOMPRESSED_SIZE, COMPRESSED_SIZE = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSizes:
    """Bytes of one page, unpacked and as it lies in the file with its header."""

    unpacked: int
    stored: int


def check_pages(path: Path, metadata: Any) -> None:
    """Sum what the pages unfold to; raises FileTooLarge, or CorruptParquet where they contradict
    the file. metadata: pyarrow's FileMetaData.
    """
    unpacked = pages = 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start, size in _chunks(metadata):
            for page in _pages(data, start, size):
                pages += 1
                unpacked += page.unpacked
                if page.unpacked > LARGEST_PAGE_BYTES or unpacked > LARGEST_UNPACKED_BYTES:
                    raise _too_large(page, unpacked)
                if pages > MOST_PAGES:
                    raise FileTooLarge(
                        f"The file has more than {MOST_PAGES:,} pages. Write it with larger pages, "
                        "or upload CSV."
                    )


def _too_large(page: PageSizes, unpacked: int) -> FileTooLarge:
    if page.unpacked > LARGEST_PAGE_BYTES:
        return FileTooLarge(
            f"One page of the file takes {page.unpacked / MEBIBYTE:,.0f} MiB unpacked; at most "
            f"{LARGEST_PAGE_BYTES // MEBIBYTE:,} MiB can be read. Write it with smaller pages, or "
            "upload CSV."
        )
    return FileTooLarge(
        f"Unpacked the file takes more than {unpacked / MEBIBYTE:,.0f} MiB; at most "
        f"{LARGEST_UNPACKED_BYTES // MEBIBYTE:,} MiB can be read. Keep only the columns you need "
        "or draw a random sample of the rows."
    )


def _chunks(metadata: Any) -> Iterator[tuple[int, int]]:
    """Where the pages of each column of each row group begin, and how many bytes they take."""
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for column in range(row_group.num_columns):
            chunk = row_group.column(column)
            offsets = [chunk.data_page_offset, chunk.dictionary_page_offset]
            yield min(offset for offset in offsets if offset), chunk.total_compressed_size


def _pages(data: mmap.mmap, start: int, size: int) -> Iterator[PageSizes]:
    end = start + size
    if start < 4 or size < 0 or end > len(data):
        raise _contradiction()
    while start < end:
        page = _page(data, start, end)
        start += page.stored
        if start > end:
            raise _contradiction()
        yield page


def _page(data: mmap.mmap, start: int, end: int) -> PageSizes:
    reader = _Compact(data, start, end)
    fields = reader.struct()
    unpacked, stored = fields.get(UNCOMPRESSED_SIZE, -1), fields.get(COMPRESSED_SIZE, -1)
    if unpacked < 0 or stored < 0:
        raise _contradiction()
    return PageSizes(unpacked=unpacked, stored=reader.place - start + stored)


class _Compact:
    """Reads the whole numbers of a struct and skips the rest of it."""

    def __init__(self, data: mmap.mmap, place: int, end: int) -> None:
        self._data = data
        self._end = end
        self.place = place

    def struct(self, depth: int = 0) -> dict[int, int]:
        """Field → whole number, of the outermost fields."""
        if depth > DEEPEST_STRUCT:
            raise _contradiction()
        fields: dict[int, int] = {}
        number = 0
        while head := self._byte():
            delta, kind = head >> 4, head & 0x0F
            number = number + delta if delta else self._signed()
            value = self._value(kind, depth)
            if value is not None:
                fields[number] = value
        return fields

    def _value(self, kind: int, depth: int) -> int | None:
        if kind in (I16, I32, I64):
            return self._signed()
        if kind == BINARY:
            self._skip(self._unsigned())
        elif kind == DOUBLE:
            self._skip(8)
        elif kind == BYTE:
            self._skip(1)
        elif kind == STRUCT:
            self.struct(depth + 1)
        elif kind not in (TRUE, FALSE):
            raise _contradiction()
        return None

    def _byte(self) -> int:
        if self.place >= self._end:
            raise _contradiction()
        self.place += 1
        return self._data[self.place - 1]

    def _skip(self, size: int) -> None:
        self.place += size
        if self.place > self._end:
            raise _contradiction()

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise _contradiction()

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)


def _contradiction() -> CorruptParquet:
    return CorruptParquet(
        "The Parquet file is damaged or cut off (its pages are not where it says). Write it "
        "again, or upload CSV."
    )
