"""A sheet of an Excel or OpenDocument workbook.

python-calamine: a megabyte of Rust without dependencies, which reads both formats, runs no
formula or macro and follows no link; openpyxl is twenty times slower and reads no .ods.
"""

# pyarrow ships no types: what comes from it is unknown here and typed where it leaves this module.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from agentverse.populations.csv_scanning import check_columns
from agentverse.populations.errors import (
    EmptySheet,
    FileTooLarge,
    FormulasWithoutValues,
    HeaderOnly,
    UnknownSheet,
    UnsupportedColumn,
)
from agentverse.populations.file_formats import FileFormat, damaged_workbook, protected_workbook
from agentverse.populations.grids import as_column, find_header, is_filled, written
from agentverse.populations.limits import (
    INSPECTED_ROWS,
    LARGEST_VALUE_BYTES,
    MOST_COLUMNS,
    MOST_SHEET_CELLS,
)
from agentverse.populations.row_batches import Batch, FileFacts
from agentverse.populations.schemas import FileReading
from agentverse.populations.workbook_archives import check_sheet, check_workbook

BATCH_ROWS: Final = 16_384
TITLE_ROWS: Final = 50


class WorkbookSurvey:
    """The table of one sheet; rows are numbered as the spreadsheet program shows them."""

    def __init__(self, path: Path, kind: FileFormat, reading: FileReading) -> None:
        self._path = path
        check_workbook(path)
        with_book = _opened(path)
        self.sheets: tuple[str, ...] = _sheets(with_book)
        self.sheet, self._sheet = self._chosen(with_book, reading.sheet)
        self._first_line = (self._sheet.start or (0, 0))[0] + 1
        head = list(islice(self._sheet.iter_rows(), TITLE_ROWS))
        self._header = _header_place(head, reading.header_line, self._first_line)
        self._columns, self._places = _names(head[self._header], head[self._header + 1 :])
        if self._sheet.height <= self._header + 1:
            raise HeaderOnly(
                f"Sheet {self.sheet!r} has column names but no row below them. Choose another "
                "sheet, or upload a file with rows."
            )

    @property
    def columns(self) -> tuple[str, ...]:
        return self._columns

    @property
    def size_bytes(self) -> int:
        return self._path.stat().st_size

    def sample(self) -> Batch:
        return next(self._batches(self._columns, rows=INSPECTED_ROWS))

    def rows_estimated(self, sampled: Batch) -> int:
        return self._sheet.height - self._header - 1

    def facts(self) -> FileFacts:
        line = self._first_line + self._header
        reading = FileReading(sheet=self.sheet, header_line=line)
        return FileFacts(reading=reading, sheets=self.sheets)

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        return self._batches(columns, rows=BATCH_ROWS)

    def _batches(self, columns: Sequence[str], *, rows: int) -> Iterator[Batch]:
        places = {name: self._places[self._columns.index(name)] for name in dict.fromkeys(columns)}
        below = self._header + 1
        cells = islice(self._sheet.iter_rows(), below, None)
        done = below
        while block := list(islice(cells, rows)):
            filled_rows = [place for place, row in enumerate(block) if any(map(is_filled, row))]
            filled = [block[place] for place in filled_rows]
            named = {
                name: _column(name, [row[place] for row in filled])
                for name, place in places.items()
            }
            line = np.array(filled_rows, np.int64) + (self._first_line + done)
            done += len(block)
            share = self.size_bytes * done // self._sheet.height
            yield Batch(line=line, columns=named, wrong_width=[], bytes_done=share)

    def _chosen(self, book: CalamineWorkbook, wanted: str | None) -> tuple[str, CalamineSheet]:
        """The sheet that was asked for, or the first that holds a table."""
        if wanted is not None:
            if wanted not in self.sheets:
                raise UnknownSheet(
                    f"The workbook has no sheet {wanted!r}; it has {_listed(self.sheets)}."
                )
            sheet = self._loaded(book, wanted)
            if not sheet.height:
                raise EmptySheet(f"Sheet {wanted!r} is empty. Choose another sheet.")
            return wanted, sheet
        narrow: tuple[str, CalamineSheet] | None = None
        refused: FormulasWithoutValues | None = None
        for name in self.sheets:
            try:
                sheet = self._loaded(book, name)
            except FormulasWithoutValues as error:
                refused = refused or error
                continue
            if sheet.height > 1 and sheet.width > 1:
                return name, sheet
            if sheet.height and narrow is None:
                narrow = (name, sheet)
        if refused is not None:
            raise refused
        if narrow is None:
            raise EmptySheet(
                f"No sheet of the workbook holds anything: {_listed(self.sheets)}. Upload the "
                "workbook that holds the table."
            )
        return narrow

    def _loaded(self, book: CalamineWorkbook, name: str) -> CalamineSheet:
        check_sheet(self._path, name)
        try:
            sheet = book.get_sheet_by_name(name)
        except CalamineError as error:
            raise damaged_workbook() from error
        # The area that cells span is held as a whole, gaps too.
        if sheet.height * sheet.width > MOST_SHEET_CELLS:
            raise FileTooLarge(
                f"Sheet {name!r} spans {sheet.height:,} rows and {sheet.width:,} columns, more "
                f"than {MOST_SHEET_CELLS:,} cells. Delete what stands far from the table, or "
                "export it as CSV or Parquet."
            )
        return sheet


def _opened(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise protected_workbook() from error
    except (CalamineError, OSError, ValueError) as error:
        raise damaged_workbook() from error


def _sheets(book: CalamineWorkbook) -> tuple[str, ...]:
    """What can hold a table: no charts, and what is hidden only where nothing else is."""
    tables = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    shown = [each.name for each in tables if each.visible == SheetVisibleEnum.Visible]
    names = tuple(shown or [each.name for each in tables])
    if not names:
        raise EmptySheet("The workbook has no sheet with cells. Upload the one with the table.")
    return names


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:10]))
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown


def _header_place(head: Sequence[Sequence[Any]], line: int | None, first_line: int) -> int:
    if line is None:
        return find_header(head)
    place = line - first_line
    if not 0 <= place < len(head):
        raise EmptySheet(
            f"Row {line} holds nothing that could be column names. Name one of the rows "
            f"{first_line} to {first_line + len(head) - 1}."
        )
    return place


def _names(
    header: Sequence[Any], below: Sequence[Sequence[Any]]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The columns that have a name or a value, and where they stand."""
    places = [
        place
        for place, cell in enumerate(header)
        if is_filled(cell) or any(is_filled(row[place]) for row in below)
    ]
    names = tuple(
        written(header[place]).strip() if is_filled(header[place]) else f"column {place + 1}"
        for place in places
    )
    if len(names) > MOST_COLUMNS:
        check_columns(names)
    if all(isinstance(header[place], int | float) for place in places):
        raise HeaderOnly(
            f"The first row holds numbers only ({', '.join(names[:3])}, …). It must hold the "
            "names of the columns."
        )
    check_columns(names)
    return names, tuple(places)


def _column(name: str, values: Sequence[Any]) -> Any:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    if longest > LARGEST_VALUE_BYTES:
        raise UnsupportedColumn(
            f"Column {name!r} holds a text of {longest:,} characters; at most "
            f"{LARGEST_VALUE_BYTES:,} can be read. Shorten it or drop the column.",
            column=name,
        )
    return as_column(values)
