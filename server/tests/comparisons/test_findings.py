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


def finding(
    found: ShareDifference,
    ticks: tuple[int, int],
    *,
    tick_unit: str = "month",
    base: str = "the baseline",
    changed_from: int = 1,
) -> str:
    return findings.finding(
        found,
        label="heat pump",
        ticks=ticks,
        tick_unit=tick_unit,
        of="purchases",
        base=base,
        changed_from=changed_from,
    )


def test_finding_names_interval_and_direction() -> None:
    assert finding(difference(0.15, 0.21, 0.25), (6, 36)) == (
        "Heat pump: share of purchases in months 6–36 is 27–37 % against 10–12 % in the "
        "baseline: 15–25 pp higher (90 % of 20 replicates)."
    )


@pytest.mark.parametrize(
    ("sizes", "verdict"),
    [
        ((0.15, 0.21, 0.25), "15–25 pp higher"),
        ((-0.25, -0.2, -0.15), "15–25 pp lower"),
        ((-0.01, 0.0, 0.02), "no clear difference"),
    ],
)
@pytest.mark.parametrize(
    ("label", "is_root", "named"),
    [("Baseline", True, "the baseline"), ("price of gas +10 %", False, "“price of gas +10 %”")],
)
def test_finding_says_for_every_base_and_verdict_what_it_is_measured_against(
    sizes: tuple[float, float, float], verdict: str, label: str, named: str, *, is_root: bool
) -> None:
    told = finding(
        difference(*sizes),
        (1, 36),
        base=findings.base_name(label, is_root=is_root),
        changed_from=6,
    )
    assert told == (
        "Heat pump: share of purchases in months 1–36, changed from month 6 on, is 27–37 % "
        f"against 10–12 % in {named}: {verdict} (90 % of 20 replicates)."
    )


def test_finding_of_an_interval_over_zero_claims_no_direction() -> None:
    told = finding(difference(-0.01, 0.0, 0.02), (6, 6))
    assert told.endswith("no clear difference (90 % of 20 replicates).")
    assert "in month 6 " in told


def test_finding_of_a_loss_shows_sizes_not_signs() -> None:
    told = finding(difference(-0.25, -0.2, -0.15), (6, 36))
    assert "15–25 pp lower" in told


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(0.271, 0.369, "27–37 %"), (0.0143, 0.0178, "1.4–1.8 %"), (0.3, 0.3, "30.00 %")],
)
def test_share_range_has_the_digits_of_its_width(low: float, high: float, shown: str) -> None:
    assert findings.share_range(strip(low, low, high)) == shown


def test_finding_is_on_a_day_and_in_anything_longer() -> None:
    found = difference(-0.01, 0.0, 0.02)
    told = finding(found, (6, 6), tick_unit="day")
    assert "on day 6 " in told
    told = finding(found, (6, 7), tick_unit="day")
    assert "on days 6–7 " in told
