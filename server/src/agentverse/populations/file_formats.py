"""What kind of file an upload is, by its first bytes and never by its name; others by theirs."""

import codecs
import gzip
import mmap
import re
import zlib
from pathlib import Path
from typing import Final, Literal
from zipfile import BadZipFile, ZipFile

from agentverse.populations.errors import (
    CorruptArchive,
    CorruptWorkbook,
    EmptyFile,
    FileTooLarge,
    PasswordProtected,
    UnknownFileType,
)
from agentverse.populations.limits import LARGEST_FILE_BYTES, MEBIBYTE

FileFormat = Literal["csv", "parquet", "xlsx", "ods", "sav", "zsav", "dta", "json", "jsonl"]

READABLE: Final = (
    "CSV, Excel (.xlsx), OpenDocument (.ods), SPSS (.sav), Stata (.dta), Parquet or JSON"
)
MAGIC: Final[tuple[tuple[bytes, FileFormat], ...]] = (
    (b"PAR1", "parquet"),
    (b"$FL2", "sav"),
    (b"$FL3", "zsav"),
    (b"<stata_dta>", "dta"),
)
GZIP: Final = b"\x1f\x8b"
RECORD_LINES: Final = re.compile(rb'\s*\{\s*["}]')
RECORD_LIST: Final = re.compile(rb"\s*\[\s*[\]{]")
ARCHIVE: Final = b"PK\x03\x04"
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
FOREIGN_FORMATS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"BZh", "bzip2-compressed. Unpack it and upload the file inside"),
    (b"\xfd7zXZ", "xz-compressed. Unpack it and upload the file inside"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed. Unpack it and upload the file inside"),
    (b"7z\xbc\xaf", "a 7-Zip archive. Unpack it and upload the file inside"),
    (b"Rar!", "a RAR archive. Unpack it and upload the file inside"),
    (b"%PDF", "a PDF document. Export the table itself as CSV"),
    (b"SQLite format 3", "an SQLite database. Export the table as CSV"),
    (b"ARROW1", "an Arrow file. Save it as Parquet"),
    (b"RDX", "R data. Save the data frame with write.csv"),
    (b"\x89HDF", "an HDF5 file. Save the table as Parquet or CSV"),
    (b"HEADER RECORD*******", "a SAS transport file. Export the table as .sav or CSV"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "a SAS data set. Export the table as .sav or CSV"),
    (b"{\\rtf", "a text document (RTF). Export the table itself as CSV"),
    (b"<!DOCTYPE html", "a web page. Export the table itself as CSV"),
    (b"<html", "a web page. Export the table itself as CSV"),
)  # fmt: skip
BINARY: Final = (ARCHIVE, OLD_OFFICE, *(magic for magic, _ in (*MAGIC, *FOREIGN_FORMATS)))
# An SPSS portable file begins with a splash of 200 characters.
PORTABLE: Final = b"SPSS PORT FILE"
PORTABLE_WITHIN: Final = 512
# What an archive holds tells what it is.
MEMBERS: Final[tuple[tuple[str, str], ...]] = (
    ("xl/workbook.bin", "a binary Excel workbook (.xlsb). Save it as .xlsx"),
    ("word/document.xml", "a Word document. Save the table itself as CSV or .xlsx"),
    ("ppt/presentation.xml", "a presentation. Save the table itself as CSV or .xlsx"),
    ("Index/Document.iwa", "an Apple Numbers document. Export it as .xlsx or CSV"),
)
ODS_TYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def check_size(size_bytes: int) -> None:
    """Refuse an empty file and one beyond the limit. Raises EmptyFile or FileTooLarge."""
    if size_bytes == 0:
        raise EmptyFile("The file holds nothing. Upload a file with a header line and rows.")
    if size_bytes > LARGEST_FILE_BYTES:
        raise FileTooLarge(
            f"The file has {size_bytes / MEBIBYTE:,.0f} MiB; at most "
            f"{LARGEST_FILE_BYTES // MEBIBYTE} MiB can be read. Save it as Parquet, keep only the "
            "columns you need, or draw a random sample of the rows."
        )


def detect_format(path: Path) -> FileFormat:
    """Look at the first bytes; what cannot be read is refused by name, with the way out.

    Raises UnknownFileType, PasswordProtected, CorruptWorkbook or CorruptArchive.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(GZIP):
        return _text_format(_unpacked_head(path), inside="a compressed ")
    for magic, name in MAGIC:
        if head.startswith(magic):
            return name
    if _is_old_stata(head):
        return "dta"
    if head.startswith(ARCHIVE):
        return _archive_format(path)
    if head.startswith(OLD_OFFICE):
        raise _old_office(path)
    for magic, advice in FOREIGN_FORMATS:
        if head.startswith(magic):
            raise UnknownFileType(f"This is not {READABLE} but {advice}.")
    if PORTABLE in head[:PORTABLE_WITHIN]:
        raise UnknownFileType("This is an SPSS portable file (.por). Open it and save it as .sav.")
    return _text_format(head)


def _text_format(head: bytes, *, inside: str = "") -> FileFormat:
    """Of the first bytes, unpacked. inside: what they lie in."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "csv"
    if inside and head.startswith(BINARY):
        raise UnknownFileType(
            f"This is {inside}file that is no text. Unpack it, upload what is inside."
        )
    if head.count(b"\0") > len(head) // 4:
        raise UnknownFileType(
            f"This is neither text nor {READABLE}. Export the table as one of these."
        )
    if RECORD_LINES.match(head):
        return "jsonl"
    return "json" if RECORD_LIST.match(head) else "csv"


def _unpacked_head(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(4096)
    except (OSError, EOFError, zlib.error) as error:
        raise CorruptArchive(
            "The compressed file is damaged or cut off. Compress it again, or upload it as it is."
        ) from error


def _is_old_stata(head: bytes) -> bool:
    """Before version 13: the version, the byte order, and that it is a data set."""
    return len(head) > 4 and 105 <= head[0] <= 115 and head[1] in (1, 2) and head[2:4] == b"\1\0"


def _archive_format(path: Path) -> FileFormat:
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = archive.open("mimetype").read(100) if "mimetype" in names else b""
    except (BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise damaged_workbook() from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if kind.strip() == ODS_TYPE:
        return "ods"
    advice = next((text for name, text in MEMBERS if name in names), None)
    if advice is None and kind.startswith(b"application/vnd.oasis"):
        advice = "an OpenDocument file without a table. Save the table as .ods or CSV"
    raise UnknownFileType(
        f"This is not {READABLE} but {advice or 'a ZIP archive. Unpack it, upload what is inside'}."
    )


def damaged_workbook() -> CorruptWorkbook:
    return CorruptWorkbook(
        "The workbook is damaged or cut off. Open it in a spreadsheet program and save it again, "
        "or export the sheet as CSV."
    )


def protected_workbook() -> PasswordProtected:
    return PasswordProtected(
        "The workbook is protected by a password. Open it, remove the password (in Excel: File, "
        "Info, Protect Workbook, Encrypt with Password, empty the field), save it, and upload "
        "that. The password itself is asked for nowhere here."
    )


def _old_office(path: Path) -> UnknownFileType | PasswordProtected:
    """A workbook with a password is wrapped into the container of the old formats."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        is_encrypted = data.find(ENCRYPTED) >= 0
    if is_encrypted:
        return protected_workbook()
    return UnknownFileType("This is an old Excel workbook (.xls). Open it and save it as .xlsx.")
