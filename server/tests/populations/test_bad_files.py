"""Every file nobody can use is refused with a code, the fault's place, and what to do."""

# pyarrow ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from factories.populations import HEATING_BYTES
from fastapi.testclient import TestClient

from agentverse.platform.errors import AgentVerseError
from agentverse.populations import file_formats, limits, parquet_pages, row_batches
from agentverse.populations.inspecting import inspect

Headers = Callable[[str], dict[str, str]]


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def parquet(table: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


WIDE = ",".join(f"c{place}" for place in range(limits.MOST_COLUMNS + 1)).encode() + b"\n"

# Content, code, words the reader needs.
BAD_FILES: dict[str, tuple[bytes, str, list[str]]] = {
    "empty": (b"", "empty_file", ["header line and rows"]),
    "blank": (b"\n \n\r\n", "empty_file", ["header line and rows"]),
    "header only": (b"a,b,c\n", "header_only", ["3 column names", "at least one row"]),
    "no text of Windows": (b"a,b\ncaf\x8f,1\n", "not_utf8", ["0x8f", "line 2", "CSV UTF-8"]),
    "no text in its header": (b"a,\x8f\n1,2\n", "not_utf8", ["line 1", "CSV UTF-8"]),
    "json nested": (b'[{"a": {"b": 1}}]', "unsupported_column", ["'a'", "Flatten"]),
    "json cut": (b'{"a": 1}\n{"a": 2', "malformed_json", ["Line 2", "CSV"]),
    "json of lists": (b'[{"a": 1}, [2]]', "malformed_json", ["Record 2", "keys"]),
    "torn workbook": (zipped(), "corrupt_workbook", ["damaged", "save it again"]),
    "gzip": (b"\x1f\x8b\x08\0rest", "corrupt_archive", ["damaged", "as it is"]),
    "gzip of a workbook": (gzip.compress(zipped()), "unknown_file_type", ["no text", "Unpack"]),
    "pdf": (b"%PDF-1.7\n", "unknown_file_type", ["PDF", "Export"]),
    "binary": (
        b"\x01\0\0\0" * 100,
        "unknown_file_type",
        ["neither text nor CSV", "Export the table"],
    ),
    "nul byte": (b"a,b\n1,\x002\n", "malformed_csv", ["Line 2", "NUL", "again"]),
    "nul in header": (b"a,\0b\n1,2\n", "malformed_csv", ["Line 1", "NUL"]),
    "open quote": (b'a,b\n1,"2\n3,4\n', "malformed_csv", ["line 2", "Close it"]),
    "stray quote": (b'a,b\n1,2\n3,4"5\n', "malformed_csv", ["Line 3", "two quotes"]),
    "open header": (b'a,"b\n1,2\n', "malformed_csv", ["line 1", "column names"]),
    "endless row": (b"a,b\n1," + b"x" * 2_000_000, "malformed_csv", ["line 2", "1 MiB"]),
    "no header": (b"1,2,3\n4,5,6\n", "malformed_csv", ["Line 1", "names of the columns"]),
    "duplicates": (b"a,b,a,b,c\n1,2,3,4,5\n", "duplicate_columns", ["'a'", "'b'", "Rename"]),
    "too wide": (WIDE + b"1\n", "too_many_columns", ["501", "500", "Keep"]),
    "all ragged": (b"a,b,c\n1,2\n3,4\n", "header_only", ["3", "separator"]),
    "torn parquet": (b"PAR1" + b"x" * 200, "corrupt_parquet", ["damaged", "Write it again"]),
    "half parquet": (
        parquet(pa.table({"a": list(range(5000))}))[:2000],
        "corrupt_parquet",
        ["damaged", "Write it again"],
    ),
    "parquet of one huge text for many rows": (
        parquet(pa.table({"a": ["x" * 40_000] * 30_000, "b": [1] * 30_000})),
        "unsupported_column",
        ["'a'", "40,000 bytes", "drop the column"],
    ),
    "nested parquet": (
        parquet(pa.table({"a": [1], "list of b": [[1, 2]]})),
        "unsupported_column",
        ["'list of b'", "Flatten"],
    ),
    "parquet not utf-8": (
        parquet(pa.table({"a": pa.array([b"caf\xe9"]).view(pa.string()), "b": [1]})),
        "corrupt_parquet",
        ["UTF8", "upload CSV"],
    ),
    "empty parquet": (parquet(pa.table({"a": pa.array([], pa.int64())})), "header_only", ["rows"]),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file_is_refused_with_a_way_out(name: str, survey: Path) -> None:
    data, code, words = BAD_FILES[name]
    survey.write_bytes(data)
    with pytest.raises(AgentVerseError) as raised:
        inspect(survey)
    assert raised.value.code == code
    assert 400 <= raised.value.status < 500
    for word in words:
        assert word in raised.value.detail


def test_file_beyond_the_limit_is_refused_before_it_is_read(
    survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey.write_bytes(HEATING_BYTES)
    monkeypatch.setattr(file_formats, "LARGEST_FILE_BYTES", 10_000)
    with pytest.raises(AgentVerseError, match="draw a random sample") as raised:
        inspect(survey)
    assert (raised.value.code, raised.value.status) == ("file_too_large", 413)


def test_sparse_gigabyte_file_is_refused_at_once(survey: Path) -> None:
    with survey.open("wb") as file:
        file.truncate(1024**3)
    with pytest.raises(AgentVerseError, match="1,024 MiB; at most 512 MiB"):
        inspect(survey)


def test_parquet_that_unfolds_beyond_the_limit_is_refused(
    survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey.write_bytes(parquet(pa.table({"a": pa.array(range(100_000))})))
    monkeypatch.setattr(parquet_pages, "LARGEST_UNPACKED_BYTES", 100_000)
    with pytest.raises(AgentVerseError, match="Unpacked the file takes") as raised:
        inspect(survey)
    assert raised.value.code == "file_too_large"


def test_parquet_with_too_many_rows_is_refused(
    survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey.write_bytes(parquet(pa.table({"a": [1, 2, 3]})))
    monkeypatch.setattr(row_batches, "MOST_ROWS", 2)
    with pytest.raises(AgentVerseError, match="3 rows; at most 2") as raised:
        inspect(survey)
    assert raised.value.code == "too_many_rows"


def test_upload_of_bad_file_is_a_problem_and_leaves_nothing(
    client: TestClient, auth_headers: Headers
) -> None:
    headers = auth_headers("owner")
    files = {"file": ("people.csv", b"a,b,a\n1,2,3\n")}
    refused = client.post("/api/v1/populations", files=files, headers=headers)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["code"] == "duplicate_columns"
    assert problem["columns"] == ["a"]
    assert client.get("/api/v1/populations", headers=headers).json()["items"] == []


def test_upload_beyond_the_body_limit_is_refused(
    client: TestClient, auth_headers: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_formats, "LARGEST_FILE_BYTES", 10_000)
    refused = client.post(
        "/api/v1/populations",
        files={"file": ("heating.csv", HEATING_BYTES)},
        headers=auth_headers("owner"),
    )
    assert refused.status_code == 413
    assert refused.json()["code"] == "file_too_large"
