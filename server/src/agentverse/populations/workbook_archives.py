"""What a workbook unfolds to, measured before it is parsed: sheets, bytes and cells.

The parser holds a sheet as a whole, so a small archive could cost any amount of memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - an exception, called as all others are

from agentverse.populations.errors import (
    CorruptWorkbook,
    FileTooLarge,
    FormulasWithoutValues,
    TooManySheets,
)
from agentverse.populations.file_formats import damaged_workbook
from agentverse.populations.limits import (
    LARGEST_WORKBOOK_BYTES,
    MEBIBYTE,
    MOST_MEMBERS,
    MOST_SHEET_CELLS,
    MOST_SHEETS,
)

BLOCK_BYTES: Final = 4 * MEBIBYTE
# Longer than anything that is counted, so that nothing is missed where two blocks meet.
OVERLAP: Final = 64
CELLS: Final = (b"<c ", b"<c>", b"<table:table-cell")
# A formula whose result was never stored, as programs write it that do not compute.
UNCOMPUTED: Final = (b"</f></c>", b"</f><v></v>", b"</f><v/>", b"</f><v />")
DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")
ODS_CONTENT: Final = "content.xml"
ODS_SHEET: Final = (b"<table:table ", b"<table:table>")
MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# The directory of a workbook is small, whatever its sheets hold.
LARGEST_DIRECTORY_BYTES: Final = 8 * MEBIBYTE


@dataclass(slots=True)
class _Counts:
    """Of one XML file."""

    cells: int = 0
    uncomputed: int = 0
    sheets: int = 0
    declares: bool = field(default=False)


def check_workbook(path: Path) -> None:
    """Refuse an archive that claims to unfold to more than can be read, or has too many sheets.

    Raises CorruptWorkbook, FileTooLarge or TooManySheets.
    """
    with _opened(path) as archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise FileTooLarge(
                f"The workbook consists of {len(members):,} parts; at most {MOST_MEMBERS:,} can "
                "be read. Copy the table into a new workbook, or export it as CSV."
            )
        unpacked = sum(member.file_size for member in members)
        if unpacked > LARGEST_WORKBOOK_BYTES:
            raise FileTooLarge(
                f"Unpacked the workbook takes {unpacked / MEBIBYTE:,.0f} MiB; at most "
                f"{LARGEST_WORKBOOK_BYTES // MEBIBYTE:,} MiB can be read. Export the sheet as CSV "
                "or Parquet."
            )
        names = [member.filename for member in members]
        sheets = sum(name.startswith("xl/worksheets/") and name.endswith(".xml") for name in names)
        _check_sheets(sheets)


def check_sheet(path: Path, sheet: str) -> None:
    """Count the cells of a sheet before it is parsed, whatever its headers say.

    Raises FileTooLarge, TooManySheets, CorruptWorkbook, or FormulasWithoutValues.
    """
    with _opened(path) as archive:
        names = set(archive.namelist())
        part = ODS_CONTENT if ODS_CONTENT in names else _part_of(archive, sheet)
        if part not in names:
            raise damaged_workbook()
        counts = _count(archive, part)
        if "xl/sharedStrings.xml" in names:
            counts.declares |= _count(archive, "xl/sharedStrings.xml").declares
    if counts.declares:
        raise CorruptWorkbook(
            "The workbook declares a document type of its own, which no spreadsheet program "
            "writes. Open it, save it again as .xlsx, and upload that."
        )
    _check_sheets(counts.sheets)
    if counts.cells > MOST_SHEET_CELLS:
        raise FileTooLarge(
            f"Sheet {sheet!r} has {counts.cells:,} cells; at most {MOST_SHEET_CELLS:,} can be "
            "read. Keep only the columns you need, or export it as CSV or Parquet."
        )
    if counts.uncomputed:
        raise FormulasWithoutValues(
            f"Sheet {sheet!r} has {counts.uncomputed:,} formulas whose results are not stored in "
            "the file, so they would be read as gaps. Open the workbook in a spreadsheet program, "
            "save it, and upload that; or export the sheet as CSV."
        )


def _check_sheets(sheets: int) -> None:
    if sheets > MOST_SHEETS:
        raise TooManySheets(
            f"The workbook has {sheets:,} sheets; at most {MOST_SHEETS} can be read. Save the "
            "sheet with the people as a workbook of its own."
        )


def _opened(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except (BadZipFile, OSError, ValueError) as error:
        raise damaged_workbook() from error


def _part_of(archive: ZipFile, sheet: str) -> str:
    """Where a sheet of an Excel workbook lies."""
    book = _parsed(archive, "xl/workbook.xml")
    relations = _parsed(archive, "xl/_rels/workbook.xml.rels")
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    for each in book.iter(f"{MAIN}sheet"):
        if each.get("name") == sheet:
            target = targets.get(each.get(RELATION_ID), "")
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    raise damaged_workbook()


def _parsed(archive: ZipFile, part: str) -> ET.Element:
    try:
        text = archive.open(part).read(LARGEST_DIRECTORY_BYTES + 1)
        # Entities are what makes parsing XML dangerous; a document without a type has none.
        if len(text) > LARGEST_DIRECTORY_BYTES or any(each in text for each in DECLARATIONS):
            raise damaged_workbook()
        return ET.fromstring(text)  # noqa: S314 - see above
    except (BadZipFile, KeyError, OSError, ZlibError, ET.ParseError) as error:
        raise damaged_workbook() from error
    except (RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise damaged_workbook() from error


def _count(archive: ZipFile, part: str) -> _Counts:
    counts = _Counts()
    try:
        with archive.open(part) as file:
            for index, (block, fresh) in enumerate(_blocks(file)):
                _add(counts, block, fresh)
                if index == 0:
                    counts.declares = any(each in block for each in DECLARATIONS)
                if counts.cells > MOST_SHEET_CELLS:
                    break
    except (BadZipFile, OSError, ZlibError, EOFError) as error:
        raise damaged_workbook() from error
    except (RuntimeError, NotImplementedError, ValueError) as error:
        raise damaged_workbook() from error
    return counts


def _blocks(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Blocks that overlap, and where what was not yet counted begins in each."""
    tail = b""
    while block := file.read(BLOCK_BYTES):
        yield tail + block, len(tail)
        tail = (tail + block)[-OVERLAP:]


def _add(counts: _Counts, block: bytes, fresh: int) -> None:
    """Count what ends behind `fresh`: what ends before was counted with the block before."""

    def count(patterns: tuple[bytes, ...]) -> int:
        return sum(
            block.count(each) - block.count(each, 0, fresh) if fresh else block.count(each)
            for each in patterns
        )

    counts.cells += count(CELLS)
    counts.uncomputed += count(UNCOMPUTED)
    counts.sheets += count(ODS_SHEET)
