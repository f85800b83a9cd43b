"""Leaving people out is a decision: what each reason costs is said, and a yes is waited for."""

from pathlib import Path

import pytest
from factories.populations import FEW, csv_bytes, heating_rows, silent

from agentverse.platform.errors import AgentVerseError
from agentverse.populations.building import build
from agentverse.populations.datasets import HEATING
from agentverse.populations.errors import LossNotAccepted
from agentverse.populations.importing import import_survey
from agentverse.populations.losses import check_loss
from agentverse.populations.schemas import ImportReport, ImportRequest


def with_bad_rows(survey: Path, *, prices: int, regions: int) -> Path:
    rows = heating_rows()
    for row in rows[:prices]:
        row["ic.gc"] = ""
    for row in rows[100 : 100 + regions]:
        row["region"] = "texas"
    survey.write_bytes(csv_bytes(rows))
    return survey


def imported(survey: Path, accepted_loss: float | None = None) -> ImportReport:
    request = ImportRequest(mapping=HEATING.mapping, synthesis=FEW, accepted_loss=accepted_loss)
    return build(survey, request, file_sha256="", source="", progress=silent).import_report


def test_loss_beyond_two_percent_waits_for_a_yes_and_says_what_each_reason_costs(
    survey: Path,
) -> None:
    with pytest.raises(LossNotAccepted, match=r"19 of 900 rows \(2.1%\)") as raised:
        imported(with_bad_rows(survey, prices=12, regions=7))
    assert "12 for column 'ic.gc', missing value (first on row 2)" in str(raised.value)
    losses = raised.value.extra["losses"]
    assert [(loss["column"], loss["rows"], loss["first_row"]) for loss in losses] == [
        ("ic.gc", 12, 2),
        ("region", 7, 102),
    ]
    assert losses[1]["first_value"] == "texas"
    assert raised.value.extra["share"] == 19 / 900


def test_yes_to_just_that_share_imports_and_the_report_keeps_the_account(survey: Path) -> None:
    report = imported(with_bad_rows(survey, prices=12, regions=7), accepted_loss=19 / 900)
    assert (report.rows_imported, report.rows_refused) == (881, 19)
    assert [loss.rows for loss in report.losses] == [12, 7]


@pytest.mark.parametrize(("bad", "accepted"), [(18, None), (20, 0.03), (0, 0)])
def test_loss_within_what_was_agreed_goes_on(survey: Path, bad: int, accepted: float) -> None:
    path = with_bad_rows(survey, prices=bad, regions=0)
    read = import_survey(
        path, HEATING.mapping, refused_path=path.with_suffix(".refused"), progress=silent
    )
    check_loss(read, accepted)
    assert read.rows_refused == bad


def test_smallest_loss_is_too_much_for_who_accepts_none(survey: Path) -> None:
    path = with_bad_rows(survey, prices=1, regions=0)
    read = import_survey(
        path, HEATING.mapping, refused_path=path.with_suffix(".refused"), progress=silent
    )
    with pytest.raises(AgentVerseError, match="1 of 900 rows"):
        check_loss(read, 0)
