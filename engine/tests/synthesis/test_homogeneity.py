"""The guard lets a resampled survey pass and stops people who are all alike.

Statistical tests state their false-alarm rate; seeds are fixed, so they fail only on a change.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agentverse_engine.errors import EngineError, EstimationError, RequestError, UnidentifiedError
from agentverse_engine.synthesis import (
    HomogeneityLimits,
    HomogeneityReport,
    Regression,
    VarianceRatio,
    homogeneity_report,
    resample,
)
from agentverse_engine.synthesis.regression import least_squares

Columns = dict[str, NDArray[Any]]
Floats = NDArray[np.float64]

ITEMS = ("age", "trust", "vote")
VOTE = Regression(outcome="vote", predictors=("age", "trust"))
PERSONAS = 20_000


def _survey(rows: int = 2000) -> Columns:
    draw = np.random.default_rng(12)
    region = draw.choice(["east", "north", "west"], rows, p=[0.5, 0.3, 0.2])
    age = draw.uniform(18, 90, rows)
    trust = draw.normal(0, 1, rows) + 0.8 * (region == "north")
    vote = 0.02 * age - 0.5 * trust + draw.normal(0, 1, rows)
    return {"region": region, "age": age, "trust": trust, "vote": vote}


SURVEY = _survey()


def _chosen(rows: NDArray[np.int64]) -> Columns:
    return {name: values[rows] for name, values in SURVEY.items()}


def _bootstrap(seed: int, size: int = PERSONAS) -> Columns:
    return _chosen(np.random.default_rng(seed).integers(0, 2000, size))


def _report(synthetic: Columns, **changes: Any) -> HomogeneityReport:
    given: dict[str, Any] = {"items": ITEMS, "groups": ("region",), "regression": VOTE}
    return homogeneity_report(SURVEY, synthetic, **(given | changes))


def _ratio(report: HomogeneityReport, item: str, category: str | None = None) -> VarianceRatio:
    (found,) = (r for r in report.variance_ratios if (r.item, r.category) == (item, category))
    return found


@pytest.mark.parametrize("seed", range(10))
def test_guard_passes_a_bootstrap_of_the_survey(seed: int) -> None:
    """The smallest group has 4000 personas: a ratio's standard error is 0.022, its limits 9 off."""
    report = _report(_bootstrap(seed))
    assert report.passed
    assert report.failures == ()
    assert {ratio.verdict for ratio in report.variance_ratios} == {"passed"}
    assert {sign.verdict for sign in report.coefficients} == {"passed"}


def test_guard_finds_no_difference_when_every_row_is_taken_equally_often() -> None:
    report = _report(_chosen(resample(2000, 6000, seed=1)))
    assert [ratio.ratio for ratio in report.variance_ratios] == pytest.approx([1.0] * 12)
    assert report.correlation_rmse == pytest.approx(0.0, abs=1e-12)
    for sign in report.coefficients:
        assert sign.synthetic == pytest.approx(sign.survey, rel=1e-9)


def test_guard_stops_people_shrunk_towards_the_mean() -> None:
    synthetic = _chosen(np.arange(2000))
    synthetic["trust"] = 0.5 * synthetic["trust"] + 0.5 * synthetic["trust"].mean()
    report = _report(synthetic)
    assert not report.passed
    assert _ratio(report, "trust").ratio == pytest.approx(0.25)
    failed = [ratio for ratio in report.variance_ratios if ratio.verdict == "failed"]
    assert {(ratio.item, ratio.category) for ratio in failed} == {
        ("trust", category) for category in (None, "east", "north", "west")
    }
    assert report.failures[0] == "variance of trust is 0.25 times the survey's"
    assert report.correlation_rmse == pytest.approx(0.0, abs=1e-12)


def test_guard_stops_people_who_are_all_alike_within_their_group() -> None:
    """The mean of each region is right, and the variance among everybody is made so as well."""
    synthetic = _chosen(np.arange(2000))
    for region in ("east", "north", "west"):
        here = synthetic["region"] == region
        synthetic["trust"] = np.where(here, SURVEY["trust"][here].mean(), synthetic["trust"])
    centred = synthetic["trust"] - synthetic["trust"].mean()
    synthetic["trust"] = centred * (SURVEY["trust"].std() / centred.std())
    report = _report(synthetic)
    assert _ratio(report, "trust").verdict == "passed"
    assert _ratio(report, "trust", "north").ratio == 0.0
    assert "variance of trust where region=north is 0 times the survey's" in report.failures


def test_guard_stops_people_more_varied_than_the_survey() -> None:
    synthetic = _chosen(np.arange(2000))
    synthetic["age"] = synthetic["age"] * 1.2
    assert _ratio(_report(synthetic), "age").ratio == pytest.approx(1.44)
    assert _ratio(_report(synthetic), "age").verdict == "failed"


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(0.79, "failed"), (0.81, "passed"), (1.24, "passed"), (1.26, "failed")]
)
def test_guard_lets_a_variance_pass_from_four_fifths_to_five_quarters(
    ratio: float, verdict: str
) -> None:
    synthetic = _chosen(np.arange(2000))
    synthetic["age"] = synthetic["age"] * math.sqrt(ratio)
    found = _ratio(_report(synthetic), "age")
    assert (found.ratio, found.verdict) == (pytest.approx(ratio), verdict)


SIDES = np.repeat([1.0, -1.0], 20)  # these two are uncorrelated, with means of 0
TURNS = np.tile([1.0, -1.0], 20)


@pytest.mark.parametrize(("correlation", "passed"), [(0.09, True), (0.11, False)])
def test_guard_lets_correlations_be_off_by_a_tenth(correlation: float, passed: bool) -> None:
    mixed = correlation * SIDES + math.sqrt(1 - correlation**2) * TURNS
    report = homogeneity_report(
        {"a": SIDES, "b": TURNS}, {"a": SIDES, "b": mixed}, items=("a", "b")
    )
    assert report.correlation_rmse == pytest.approx(correlation)
    assert report.passed == passed


@pytest.mark.parametrize(("t", "verdict"), [(1.9, "not_judged"), (2.0, "failed")])
def test_guard_judges_signs_from_about_two_standard_errors(t: float, verdict: str) -> None:
    """Of 40 people, with residuals of 1 and -1: the standard error is 1 / sqrt(40 - 2)."""
    survey = {"x": SIDES, "y": t / math.sqrt(38) * SIDES + TURNS}
    turned = {"x": SIDES, "y": -survey["y"]}
    (sign,) = homogeneity_report(
        survey, turned, items=("x",), regression=Regression(outcome="y", predictors=("x",))
    ).coefficients
    assert sign.survey / sign.standard_error == pytest.approx(t)
    assert sign.verdict == verdict


def test_guard_stops_a_turned_sign() -> None:
    synthetic = _chosen(np.arange(2000))
    synthetic["vote"] = synthetic["vote"] + 1.0 * synthetic["trust"]  # -0.5 becomes +0.5
    report = _report(synthetic, items=("age",), groups=())
    verdicts = {sign.predictor: sign.verdict for sign in report.coefficients}
    assert verdicts == {"age": "passed", "trust": "failed"}
    assert len(report.failures) == 1
    assert report.failures[0].startswith("effect of trust is 0.")


def test_guard_stops_attributes_drawn_one_by_one() -> None:
    """Shuffled on its own, an item keeps its variance and loses its company."""
    synthetic = _chosen(np.arange(2000))
    synthetic["trust"] = np.random.default_rng(3).permutation(synthetic["trust"])
    report = _report(synthetic, groups=(), regression=None)
    assert {ratio.verdict for ratio in report.variance_ratios} == {"passed"}
    assert report.correlation_rmse is not None
    assert report.correlation_rmse > 0.2
    assert not report.passed


def test_guard_stops_people_without_any_variety() -> None:
    synthetic = _chosen(np.zeros(PERSONAS, dtype=np.int64))
    report = _report(synthetic)
    assert {sign.verdict for sign in report.coefficients} == {"failed"}
    assert all(math.isnan(sign.synthetic) for sign in report.coefficients)
    assert all(ratio.ratio == 0 for ratio in report.variance_ratios)


def test_guard_judges_a_group_that_vanished() -> None:
    report = _report(_chosen(np.flatnonzero(SURVEY["region"] != "west")))
    assert _ratio(report, "age", "west").ratio == 0.0
    assert _ratio(report, "age", "west").verdict == "failed"


def test_guard_does_not_judge_groups_too_small_to_tell() -> None:
    """Of 100 personas about 20 should live in the west."""
    report = _report(_bootstrap(1, size=100), limits=HomogeneityLimits(least_rows=25))
    assert _ratio(report, "age", "west").verdict == "not_judged"
    assert _ratio(report, "age").verdict != "not_judged"


def test_guard_does_not_judge_the_sign_of_an_effect_the_survey_cannot_tell_from_none() -> None:
    survey = {"x": np.array([0.0, 1, 0, 1, 0, 1]), "y": np.array([1.0, 2, 3, 3.1, 2, 1])}
    synthetic = survey | {"y": -survey["y"]}
    (sign,) = homogeneity_report(
        survey, synthetic, items=("x",), regression=Regression(outcome="y", predictors=("x",))
    ).coefficients
    assert sign.survey * sign.synthetic < 0
    assert sign.verdict == "not_judged"


def test_report_of_known_numbers_is_exact() -> None:
    """Variances 1 and 4, and 4 and 1; correlation 1 turned into -1."""
    survey = {"a": [1, 3, 1, 3], "b": [0, 4, 0, 4]}
    synthetic = {"a": [0, 4], "b": [3, 1]}
    limits = HomogeneityLimits(least_rows=2)
    report = homogeneity_report(survey, synthetic, items=("a", "b"), limits=limits)
    assert [ratio.ratio for ratio in report.variance_ratios] == [4.0, 0.25]
    assert report.correlation_rmse == pytest.approx(2.0)
    assert not report.passed


def test_items_without_variance_in_a_group_of_both_tables_pass() -> None:
    survey = {"a": np.arange(100) % 2 * np.arange(100), "g": np.arange(100) % 2}
    report = homogeneity_report(survey, survey, items=("a",), groups=("g",))
    assert math.isnan(_ratio(report, "a", "0").ratio)
    assert report.passed


def test_weighted_rows_count_as_that_many_people() -> None:
    """Weights 0, 1, 2, 3 against a survey with the rows written out as often."""
    weights = np.arange(2000) % 4
    repeated = _chosen(np.repeat(np.arange(2000), weights))
    synthetic = _bootstrap(5)
    weighted = _report(synthetic, weights=weights)
    plain = homogeneity_report(
        repeated, synthetic, items=ITEMS, groups=("region",), regression=VOTE
    )
    for one, other in zip(weighted.variance_ratios, plain.variance_ratios, strict=True):
        assert one.ratio == pytest.approx(other.ratio, rel=1e-9)
    for one, other in zip(weighted.coefficients, plain.coefficients, strict=True):
        assert one.survey == pytest.approx(other.survey, rel=1e-9)
    assert weighted.correlation_rmse == pytest.approx(plain.correlation_rmse, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 100), st.floats(-1000, 1000), st.integers(0, 1000))
def test_report_does_not_depend_on_units(scale: float, shift: float, seed: int) -> None:
    synthetic = _bootstrap(seed, size=500)
    survey = SURVEY | {"age": SURVEY["age"] * scale + shift}
    rescaled = synthetic | {"age": synthetic["age"] * scale + shift}
    one = _report(synthetic)
    other = homogeneity_report(survey, rescaled, items=ITEMS, groups=("region",), regression=VOTE)
    assert [r.ratio for r in one.variance_ratios] == pytest.approx(
        [r.ratio for r in other.variance_ratios], rel=1e-6
    )
    assert one.correlation_rmse == pytest.approx(other.correlation_rmse, rel=1e-5)


def test_least_squares_gives_the_published_line() -> None:
    """Anscombe 1973, first of the quartet: slope 0.500, standard error 0.118."""
    x = np.array([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5], dtype=np.float64)
    y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
    fit = least_squares(x[:, None], y, np.ones(11), names=["x"])
    assert fit.coefficients[0] == pytest.approx(0.500, abs=5e-4)
    assert fit.standard_errors[0] == pytest.approx(0.118, abs=5e-4)


def _solved(design: Floats, response: Floats) -> tuple[Floats, Floats]:
    inverse = np.linalg.inv(design.T @ design)
    known = inverse @ (design.T @ response)
    variance = ((response - design @ known) ** 2).sum() / (design.shape[0] - design.shape[1])
    return known, np.sqrt(np.diag(inverse) * variance)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(8, 40))
def test_least_squares_solves_the_normal_equations(seed: int, size: int, rows: int) -> None:
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=(rows, size)), draw.normal(size=rows)
    weights = draw.uniform(0.5, 2, rows)
    weights /= weights.mean()
    names = [str(position) for position in range(size)]
    design: Floats = np.ones((rows, size + 1))
    design[:, 1:] = x
    known, errors = _solved(design * np.sqrt(weights)[:, None], y * np.sqrt(weights))
    fit = least_squares(x, y, weights, names=names)
    np.testing.assert_allclose(fit.coefficients, known[1:], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(fit.standard_errors, errors[1:], rtol=1e-8)


def test_least_squares_names_the_predictor_that_follows_from_others() -> None:
    x = np.random.default_rng(7).normal(size=(20, 2))
    with pytest.raises(UnidentifiedError, match=r"follows from a, b") as caught:
        least_squares(
            np.column_stack([x, x.sum(axis=1)]), x[:, 0], np.ones(20), names=["a", "b", "c"]
        )
    assert caught.value.field == "c"


def _changed(**changes: Any) -> Callable[[], object]:
    return lambda: _report(_chosen(np.arange(2000)) | changes)


@pytest.mark.parametrize(
    ("call", "error", "field"),
    [
        (_changed(age=np.full(2000, np.nan)), RequestError, "synthetic.age"),
        (_changed(age=np.array(["old"] * 2000)), RequestError, "synthetic.age"),
        (_changed(age=np.ones(3)), RequestError, "synthetic.trust"),
        (_changed(region=np.array(["south"] * 2000)), RequestError, "synthetic.region"),
        (_changed(region=np.ones(2000)), RequestError, "synthetic.region"),
        (lambda: _report({"age": np.ones(3)}), RequestError, "synthetic.trust"),
        (lambda: _report(SURVEY, items=()), RequestError, "items"),
        (lambda: _report(SURVEY, items=("age", "age")), RequestError, "items"),
        (lambda: _report(SURVEY, items=("height",)), RequestError, "survey.height"),
        (lambda: _report(SURVEY, groups=("county",)), RequestError, "survey.county"),
        (lambda: _report(SURVEY, weights=[1.0]), RequestError, "weights"),
        (lambda: _report(SURVEY, limits=HomogeneityLimits(lowest_ratio=0)), RequestError, "limits"),
        (lambda: _report(SURVEY, limits=HomogeneityLimits(least_rows=1)), RequestError, "limits"),
        (
            lambda: _report(SURVEY, regression=Regression(outcome="age", predictors=("age",))),
            RequestError,
            "regression",
        ),
        (
            lambda: homogeneity_report({"a": [1, 1]}, {"a": [1, 2]}, items=("a",)),
            RequestError,
            "survey.a",
        ),
        (
            lambda: homogeneity_report(
                {"a": [1, 2], "b": [2, 1]},
                {"a": [1, 2], "b": [2, 1]},
                items=("a",),
                regression=Regression(outcome="a", predictors=("b",)),
            ),
            EstimationError,
            "regression",
        ),
    ],
)
def test_unusable_requests_are_refused(
    call: Callable[[], object], error: type[EngineError], field: str
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert caught.value.field == field
