"""Hostile files at the limited child: each one typed refusal, memory bounded, nothing left."""

# pyarrow ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agentverse.populations import parquet_pages, parsing
from agentverse.populations.errors import (
    CorruptParquet,
    FileTooDemanding,
    FileTooLarge,
    InvalidFile,
    UnreadableFile,
)
from agentverse.populations.parsing import inspect_file
from agentverse.populations.schemas import FileReading

MEBIBYTE = 1024 * 1024


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.parquet"


def write(file: Path, table: Any, **options: Any) -> None:
    pq.write_table(table, file, **options)


def varint(value: int) -> bytes:
    """A whole number as Thrift's compact protocol writes it."""
    zigzag = value << 1
    parts: list[int] = []
    while zigzag >= 0x80:
        parts.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    return bytes([*parts, zigzag])


def padded(value: int, size: int) -> bytes:
    """The same number, written in exactly so many bytes."""
    short = varint(value)
    if len(short) == size:
        return short
    return bytes([*short[:-1], short[-1] | 0x80, *[0x80] * (size - len(short) - 1), 0])


def bomb(file: Path, mebibytes: int) -> None:
    """Zeros that a few kilobytes hold, with a footer that claims next to nothing."""
    values = pa.array([0] * (mebibytes * MEBIBYTE // 8), pa.int64())
    write(
        file, pa.table({"a": values}), compression="zstd", use_dictionary=False,
        write_statistics=False, row_group_size=len(values),
    )  # fmt: skip
    chunk = pq.read_metadata(file).row_group(0)
    content = file.read_bytes()
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    claimed = varint(chunk.total_byte_size)
    footer = content[start:].replace(claimed, padded(1, len(claimed)))
    file.write_bytes(content[:start] + footer)
    assert pq.read_metadata(file).row_group(0).total_byte_size == 1


def test_page_is_measured_by_its_header_and_not_by_the_footer(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb(file, 16)
    assert file.stat().st_size < 20_000
    monkeypatch.setattr(parquet_pages, "LARGEST_PAGE_BYTES", 100_000)
    with pytest.raises(FileTooLarge, match="One page"):
        parquet_pages.check_pages(file, pq.read_metadata(file))


def test_pages_are_summed_before_decoding(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb(file, 16)
    monkeypatch.setattr(parquet_pages, "LARGEST_UNPACKED_BYTES", 10 * MEBIBYTE)
    with pytest.raises(FileTooLarge, match="more than 10 MiB"):
        parquet_pages.check_pages(file, pq.read_metadata(file))


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_pages_of_ordinary_files_are_read(file: Path, compression: str, version: str) -> None:
    table = pa.table({
        "n": pa.array(range(30_000)), "word": pa.array([f"w{n % 7}" for n in range(30_000)]),
        "gap": pa.array([None if n % 3 else 1.5 for n in range(30_000)]),
    })  # fmt: skip
    write(
        file, table, compression=compression, data_page_version=version,
        data_page_size=4_000, row_group_size=9_000,
    )  # fmt: skip
    parquet_pages.check_pages(file, pq.read_metadata(file))


def test_memory_of_a_file_is_bounded_whatever_it_unfolds_to(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long texts that a compressed page holds once and memory five thousand times."""
    texts = pa.array([f"{'x' * 30_000}{row}" for row in range(5_000)])
    write(file, pa.table({"a": texts}), compression="zstd", use_dictionary=False)
    assert file.stat().st_size < MEBIBYTE
    small = replace(parsing.INSPECTING, memory_bytes=96 * MEBIBYTE)
    monkeypatch.setattr(parsing, "INSPECTING", small)
    with pytest.raises((FileTooDemanding, CorruptParquet)):
        inspect_file(file)


def test_column_name_that_is_no_text_is_refused(file: Path) -> None:
    write(file, pa.table({"colour": [1, 2]}))
    file.write_bytes(file.read_bytes().replace(b"colour", b"col\xff\xfer"))
    with pytest.raises(InvalidFile):
        inspect_file(file)


def test_unknown_time_zone_is_refused(file: Path) -> None:
    stamps = pa.array([1, 2], pa.timestamp("us", tz="Mars/Olympus"))
    write(file, pa.table({"when": stamps, "n": [1, 2]}))
    with pytest.raises(InvalidFile):
        inspect_file(file)


def test_negative_number_of_rows_is_refused(file: Path) -> None:
    write(file, pa.table({"a": list(range(1000))}))
    content = file.read_bytes()
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    negative = bytes([varint(1000)[0] | 1, *varint(1000)[1:]])
    file.write_bytes(content[:start] + content[start:].replace(varint(1000), negative))
    assert pq.read_metadata(file).num_rows < 0
    with pytest.raises(InvalidFile):
        inspect_file(file)


def tell_nobody(_name: str, _done: int, _total: int) -> None: ...


def test_whatever_a_parser_throws_is_one_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(_path: Path, _reading: FileReading) -> None:
        raise RuntimeError("inner detail")

    monkeypatch.setattr(parsing, "inspect", explode)
    with pytest.raises(UnreadableFile) as refused:
        parsing._inspect(tell_nobody, path="x", reading={})  # pyright: ignore[reportPrivateUsage]
    assert "inner detail" not in refused.value.detail
