"""The one formatter: ranges first, digits that the interval supports, no false direction."""

import pytest

from agentverse.comparisons import findings
from agentverse.comparisons.schemas import ShareDifference
from agentverse.runs.intervals import interval_kind
from agentverse.runs.schemas import OutcomeStrip


def strip(low: float, median: float, high: float) -> OutcomeStrip:
    return OutcomeStrip(
        metric="flow_share",
        alternative="hp",
        low=low,
        median=median,
        high=high,
        dots=[median] * 20,
        interval=interval_kind(20),
        from_tick=6,
        to_tick=36,
    )


def difference(low: float, median: float, high: float) -> ShareDifference:
    return ShareDifference(
        metric="flow_share",
        alternative="hp",
        segment=None,
        region=None,
        base=strip(0.10, 0.11, 0.12),
        branch=strip(0.27, 0.32, 0.37),
        difference=strip(low, median, high),
        clear=low > 0 or high < 0,
        branch_higher_of_20=20,
    )


def test_finding_names_interval_and_direction() -> None:
    told = findings.finding(
        difference(0.15, 0.21, 0.25), label="heat pump", ticks=(6, 36), tick_unit="month"
    )
    assert told == (
        "Heat pump: share of new installations in months 6–36 is 27–37 % against 10–12 %: "
        "15–25 pp higher (90 % of 20 replicates)."
    )


def test_finding_of_an_interval_over_zero_claims_no_direction() -> None:
    told = findings.finding(
        difference(-0.01, 0.0, 0.02), label="heat pump", ticks=(6, 6), tick_unit="month"
    )
    assert told.endswith("no clear difference (90 % of 20 replicates).")
    assert "in month 6 " in told


def test_finding_of_a_loss_shows_sizes_not_signs() -> None:
    told = findings.finding(
        difference(-0.25, -0.2, -0.15), label="gas", ticks=(6, 36), tick_unit="month"
    )
    assert "15–25 pp lower" in told


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(0.271, 0.369, "27–37 %"), (0.0143, 0.0178, "1.4–1.8 %"), (0.3, 0.3, "30.00 %")],
)
def test_share_range_has_the_digits_of_its_width(low: float, high: float, shown: str) -> None:
    assert findings.share_range(strip(low, low, high)) == shown


def test_finding_is_on_a_day_and_in_anything_longer() -> None:
    found = difference(-0.01, 0.0, 0.02)
    told = findings.finding(found, label="heat pump", ticks=(6, 6), tick_unit="day")
    assert "on day 6 " in told
    told = findings.finding(found, label="heat pump", ticks=(6, 7), tick_unit="day")
    assert "on days 6–7 " in told
