"""One table written in every format that can be uploaded, by hand where no library is needed."""

# pandas and pyarrow ship no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
import pyreadstat

Rows = Sequence[Sequence[Any]]
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def archive(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def xlsx(
    sheets: Mapping[str, Rows], *, parts: Mapping[str, str] | None = None, hidden: str = ""
) -> bytes:
    """A workbook; parts: replace members by name."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{place}" r:id="rId{place}"'
        + (' state="hidden"/>' if name == hidden else "/>")
        for place, name in enumerate(names, start=1)
    )
    related = "".join(
        f'<Relationship Id="rId{place}" Type="{RELATIONS}/worksheet" '
        f'Target="worksheets/sheet{place}.xml"/>'
        for place in range(1, len(names) + 1)
    )
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{related}</Relationships>",
    }
    for place, rows in enumerate(sheets.values(), start=1):
        members[f"xl/worksheets/sheet{place}.xml"] = sheet_xml(rows)
    return archive(members | dict(parts or {}))


def sheet_xml(rows: Rows) -> str:
    body = "".join(
        f'<row r="{line}">{"".join(_cell(value, line, place) for place, value in enumerate(row))}'
        "</row>"
        for line, row in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{body}</sheetData></worksheet>'


def _cell(value: Any, line: int, place: int) -> str:
    at = f"{column_name(place)}{line}"
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{at}"><v>{value!r}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def column_name(place: int) -> str:
    name = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(65 + letter) + name
    return name


def ods(sheets: Mapping[str, Rows]) -> bytes:
    def cell(value: Any) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, int | float):
            return (
                f'<table:table-cell office:value-type="float" office:value="{value!r}">'
                f"<text:p>{value}</text:p></table:table-cell>"
            )
        return (
            '<table:table-cell office:value-type="string">'
            f"<text:p>{escape(value)}</text:p></table:table-cell>"
        )

    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f'<office:document-content xmlns:office="{OFFICE}" '
            f'xmlns:table="{TABLE}" xmlns:text="{TEXT}"><office:body><office:spreadsheet>'
            f"{tables}</office:spreadsheet></office:body></office:document-content>",
        }
    )


def written_by(write: Any, frame: pd.DataFrame, suffix: str, **options: Any) -> bytes:
    """What a writer of pyreadstat makes of a frame."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        write(frame, str(path), **options)
        return path.read_bytes()


def sav(frame: pd.DataFrame, **options: Any) -> bytes:
    return written_by(pyreadstat.write_sav, frame, ".sav", **options)


def dta(frame: pd.DataFrame, **options: Any) -> bytes:
    return written_by(pyreadstat.write_dta, frame, ".dta", **options)
