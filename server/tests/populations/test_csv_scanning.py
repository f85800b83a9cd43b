"""The scan agrees with Python's csv module on every record, and names the line of every fault."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentverse.populations import csv_scanning
from agentverse.populations.csv_scanning import Records, Scanner, read_header, scan_records
from agentverse.populations.errors import HeaderOnly, MalformedCsv, NotUtf8
from agentverse.populations.text_files import TextFile

CELLS = st.text(alphabet='ab1,;"\n\r é', max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8)


def scan(data: bytes, *, block: int = 10_000) -> Records:
    scanner = Scanner(delimiter=ord(","))
    for start in range(0, len(data), block):
        scanner.feed(data[start : start + block])
    return scanner.finish()


@given(table=TABLES, line_end=st.sampled_from(["\n", "\r\n"]), block=st.integers(1, 40))
def test_scan_agrees_with_csv_module(table: list[list[str]], line_end: str, block: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(table)
    data = text.getvalue()
    records = scan(data.encode(), block=block)
    assert records.values.tolist() == [len(row) for row in table]
    expected: list[int] = []
    line = 1
    for row in table:
        expected.append(line)
        inside = "".join(row).replace("\r\n", "\n").replace("\r", "\n").count("\n")
        # CR at the end of one value cannot join LF at the start of the next: quotes divide them.
        parts = sum(cell.replace("\r\n", "\n").replace("\r", "\n").count("\n") for cell in row)
        line += max(parts, inside) + 1
    assert records.line.tolist() == expected


@given(data=st.binary(max_size=60), block=st.integers(1, 20))
def test_scan_does_not_depend_on_block_size(data: bytes, block: int) -> None:
    def outcome(size: int) -> object:
        try:
            records = scan(data, block=size)
        except MalformedCsv as error:
            return error.detail
        return records.line.tolist(), records.values.tolist()

    assert outcome(block) == outcome(10_000)


@pytest.mark.parametrize(
    ("data", "lines", "values"),
    [
        (b"1,2\n3,4", [1, 2], [2, 2]),
        (b"1,2\r\n\r\n3,4\r\n", [1, 3], [2, 2]),
        (b"1,2\r3,4\r", [1, 2], [2, 2]),
        (b'"a\nb",2\n3,4\n', [1, 3], [2, 2]),
        (b'"a,b",2\n"c""d",4,5\n', [1, 2], [2, 3]),
        (b"\n\n1,2\n", [3], [2]),
    ],
)
def test_scan_numbers_lines(data: bytes, lines: list[int], values: list[int]) -> None:
    records = scan(data)
    assert records.line.tolist() == lines
    assert records.values.tolist() == values


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'1,2\n3,"4\n5,6\n', "opened on line 2 is never closed"),
        (b'1,2\n3,4"5\n', "Line 2 has a quote in the middle"),
        (b'1,2\n"3"4,5\n', "Line 2 has a quote in the middle"),
        (b'1,2\n3,"' + b"x" * 1_100_000 + b'"\n', "line 2 is longer than 1 MiB"),
    ],
)
def test_scan_names_line_of_fault(data: bytes, message: str) -> None:
    with pytest.raises(MalformedCsv, match=message):
        scan(data)


def rows_below_header(survey: Path, data: bytes) -> Records:
    survey.write_bytes(data)
    return scan_records(TextFile(survey, "utf-8"), read_header(TextFile(survey, "utf-8")))


def test_line_of_invalid_utf8_is_named_across_blocks(
    survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_scanning, "BLOCK_BYTES", 8)
    with pytest.raises(NotUtf8, match=r"byte 0xe9 near line 4.*UTF-8"):
        rows_below_header(survey, b"a,b\n1,2\n3,4\nZ\xe9,6\n7,8\n")


def test_nul_byte_is_named_with_its_line(survey: Path) -> None:
    with pytest.raises(MalformedCsv, match="Line 3 holds a NUL byte"):
        rows_below_header(survey, b"a,b\n1,2\n3,\x004\n")


def test_header_without_rows_is_refused(survey: Path) -> None:
    with pytest.raises(HeaderOnly, match="at least one row"):
        rows_below_header(survey, b"a,b\n\n\r\n")


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        (b"a,b\n1,2\n", ","),
        (b"a;b\n1,5;2\n", ";"),
        (b"a\tb\n1\t2\n", "\t"),
        (b"a|b\n1|2\n", "|"),
        (b'"a;x",b\n1,2\n', ","),
    ],
)
def test_header_tells_how_values_are_separated(survey: Path, data: bytes, delimiter: str) -> None:
    survey.write_bytes(data)
    assert read_header(TextFile(survey)).delimiter == delimiter


def test_header_skips_byte_order_mark_and_blank_lines(survey: Path) -> None:
    survey.write_bytes(b'\xef\xbb\xbf\r\n\r\n"first\nname",b,\n1,2,3\n')
    header = read_header(TextFile(survey))
    assert header.columns == ("first\nname", "b", "column 3")
    assert header.data_line == 5


def test_names_above_decimal_commas_are_no_title(tmp_path: Path) -> None:
    rows = ["choice;price;note", "a;€ 1,50;cheap, near, new", "b;2,25;far, old, dear"]
    path = tmp_path / "commas.csv"
    path.write_text("\n".join(rows) + "\n")
    header = read_header(TextFile(path))
    assert (header.line, header.delimiter) == (1, ";")
    assert header.columns == ("choice", "price", "note")


def test_title_with_a_comma_above_a_table_is_left_out(tmp_path: Path) -> None:
    rows = ["Prices, 2024", "choice;price;near", "a;1,5;1", "b;2,25;0"]
    path = tmp_path / "title.csv"
    path.write_text("\n".join(rows) + "\n")
    assert read_header(TextFile(path)).line == 2
