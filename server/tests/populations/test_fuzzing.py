"""Whatever bytes arrive: a problem with a code, or a report in which every row is accounted for."""

# pyarrow ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import io
from pathlib import Path

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from factories.populations import FEW, HEATING_BYTES, silent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentverse.platform.errors import AgentVerseError
from agentverse.populations.building import Built, build
from agentverse.populations.datasets import HEATING
from agentverse.populations.inspecting import Inspection, inspect
from agentverse.populations.schemas import ImportRequest


def _parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pacsv.read_csv(HEATING.path), file)
    return file.getvalue()


PARQUET = _parquet()
HEAD, *LINES = HEATING_BYTES.splitlines(keepends=True)
REQUEST = ImportRequest(mapping=HEATING.mapping, synthesis=FEW, accepted_loss=1)

AWKWARD = b'" "" \r , ; \0 \xff \xc3 NA 1e999 - =1 \xef\xbb\xbf gc "\r \r" ,,,,'.split(b" ")
SNIPPETS = st.one_of(st.binary(max_size=6), st.sampled_from([*AWKWARD, b"\n", b"\r\n", b"\t"]))
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), SNIPPETS), max_size=6)


def built_or_refused(survey: Path) -> Built | AgentVerseError:
    try:
        inspect(survey)
        return build(survey, REQUEST, file_sha256="", source="", progress=silent)
    except AgentVerseError as error:
        return error


def inspected_or_refused(survey: Path) -> Inspection | AgentVerseError:
    try:
        return inspect(survey)
    except AgentVerseError as error:
        return error


def edited(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, removed, snippet in edits:
        place = int(where * len(data))
        data = data[:place] + snippet + data[place + removed :]
    return data


@given(edits=EDITS, rows=st.integers(0, 300))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_survey_is_refused_or_accounted_for(
    survey: Path, edits: list[tuple[float, int, bytes]], rows: int
) -> None:
    survey.write_bytes(edited(HEAD + b"".join(LINES[:rows]), edits))
    made = built_or_refused(survey)
    if isinstance(made, AgentVerseError):
        assert 400 <= made.status < 500
        assert len(made.detail) > 20
        return
    report = made.import_report
    lines = survey.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    assert report.rows_imported + report.rows_refused == report.rows_read <= lines
    assert sum(report.choice_counts.values()) == report.rows_imported
    assert len(made.refused_csv.splitlines()) >= 1 + report.rows_refused
    assert all(2 <= row.row <= lines for row in report.refused)


@given(data=st.binary(max_size=400))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_inspected_or_refused(survey: Path, data: bytes) -> None:
    survey.write_bytes(data)
    found = inspected_or_refused(survey)
    assert isinstance(found, Inspection) or 400 <= found.status < 500


@given(data=st.binary(max_size=400))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_parquet_is_refused(survey: Path, data: bytes) -> None:
    survey.write_bytes(b"PAR1" + data + b"PAR1")
    found = inspected_or_refused(survey)
    assert isinstance(found, AgentVerseError)
    assert found.code == "corrupt_parquet"


@given(edits=EDITS)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_parquet_is_refused_or_accounted_for(
    survey: Path, edits: list[tuple[float, int, bytes]]
) -> None:
    survey.write_bytes(edited(PARQUET, edits))
    made = built_or_refused(survey)
    if isinstance(made, AgentVerseError):
        assert 400 <= made.status < 500
        return
    report = made.import_report
    assert report.rows_imported + report.rows_refused == report.rows_read
