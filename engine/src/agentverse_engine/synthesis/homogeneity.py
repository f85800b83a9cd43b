"""A guard against synthetic people who are all alike.

Populations written by language models kept the survey's means, lost most of its variance, and
turned signs of regressions (Bisbee et al. 2024): this compares spread and associations.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import EstimationError, RequestError
from agentverse_engine.synthesis.coding import coded_columns, numeric_column
from agentverse_engine.synthesis.regression import LeastSquares, least_squares
from agentverse_engine.synthesis.resampling import checked_weights

Floats = NDArray[np.float64]
Verdict = Literal["passed", "failed", "not_judged"]

SIGNIFICANT = 1.96  # standard errors: two-sided 5 %


@dataclass(frozen=True, slots=True, kw_only=True)
class HomogeneityLimits:
    """What passes: ratios of variances from lowest to highest, and an RMSE of correlations.

    least_rows: fewer people than these tell little of a variance, so it is not judged.
    """

    lowest_ratio: float = 0.8
    highest_ratio: float = 1.25
    least_rows: int = 30
    largest_correlation_rmse: float = 0.1


DEFAULT_LIMITS = HomogeneityLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A fixed linear regression of one item on others, with a constant."""

    outcome: str
    predictors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceRatio:
    """An item's variance among everybody, or where the column `group` is `category`.

    ratio: synthetic over survey; nan where both are 0, inf where only the survey's is. Not judged
    where either side has, or by the survey's share should have, fewer than
    `least_rows` people.
    """

    item: str
    group: str | None
    category: str | None
    survey: float
    synthetic: float
    ratio: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class CoefficientSign:
    """A coefficient in survey and synthetic population, per unit of the predictor.

    Not judged where the survey's is within 1.96 standard errors of 0: its sign is not known. nan
    where the synthetic population does not vary enough to tell, which fails.
    """

    predictor: str
    survey: float
    standard_error: float
    synthetic: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class HomogeneityReport:
    """Whether a synthetic population is as varied as its survey.

    correlation_rmse: root mean square difference of all pairwise correlations in [0, 2], None
    with fewer than 2 items; failures: what failed, in words.
    """

    passed: bool
    variance_ratios: tuple[VarianceRatio, ...]
    coefficients: tuple[CoefficientSign, ...]
    correlation_rmse: float | None
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _People:
    """items: float64[people] each; groups: labels[people] each; weights: float64[people]."""

    items: dict[str, Floats]
    groups: dict[str, NDArray[np.str_]]
    weights: Floats  # above 0, of mean 1


def homogeneity_report(
    survey: Mapping[str, ArrayLike],
    synthetic: Mapping[str, ArrayLike],
    *,
    items: Sequence[str],
    groups: Sequence[str] = (),
    regression: Regression | None = None,
    weights: ArrayLike | None = None,
    limits: HomogeneityLimits = DEFAULT_LIMITS,
) -> HomogeneityReport:
    """Compare variances, a regression's signs and correlations of a population with its survey.

    survey, synthetic: columns, one value per person: numbers for items, labels for groups;
    weights: float64[survey rows], people a row stands for. An item passes with its variance ratio
    within the limits among everybody and in each category of each group; a coefficient with the
    survey's sign; correlations with their RMSE within the limit. Raises RequestError for unknown
    or unusable columns and items without variance, EstimationError for a regression that the
    survey cannot identify. The latter is UnidentifiedError where one explanatory column follows
    from others.
    """
    _check_request(items, limits)
    numeric = _numeric_names(items, regression)
    survey_people = _people("survey", survey, numeric, groups, weights)
    synthetic_people = _people("synthetic", synthetic, numeric, groups, None)
    _check_comparable(survey_people, synthetic_people)
    ratios = tuple(
        ratio
        for item in items
        for ratio in _variance_ratios(survey_people, synthetic_people, item, limits)
    )
    coefficients = (
        () if regression is None else _coefficients(survey_people, synthetic_people, regression)
    )
    rmse = _correlation_rmse(survey_people, synthetic_people, items)
    failures = _failures(ratios, coefficients, rmse, limits)
    return HomogeneityReport(
        passed=not failures,
        variance_ratios=ratios,
        coefficients=coefficients,
        correlation_rmse=rmse,
        failures=failures,
    )


def _check_request(items: Sequence[str], limits: HomogeneityLimits) -> None:
    if not items or len(set(items)) < len(items):
        raise RequestError(
            "must name one column or more, each once.", field="items", fix="Name numeric columns."
        )
    if not 0 < limits.lowest_ratio <= 1 <= limits.highest_ratio < math.inf:
        raise RequestError(
            f"pass ratios from {limits.lowest_ratio} to {limits.highest_ratio}.",
            field="limits",
            fix="Use a lowest ratio above 0 and up to 1, and a finite highest one from 1.",
        )
    if limits.least_rows < 2 or not limits.largest_correlation_rmse > 0:
        raise RequestError(
            f"are {limits.least_rows} rows and an RMSE of {limits.largest_correlation_rmse}.",
            field="limits",
            fix="Use at least 2 rows, and an RMSE above 0.",
        )


def _numeric_names(items: Sequence[str], regression: Regression | None) -> list[str]:
    if regression is None:
        return list(items)
    predictors = regression.predictors
    if not predictors or len({regression.outcome, *predictors}) < len(predictors) + 1:
        raise RequestError(
            "must have one predictor or more, each once and none the outcome.",
            field="regression",
            fix="Name the outcome and distinct other columns.",
        )
    return list(dict.fromkeys([*items, regression.outcome, *predictors]))


def _people(
    table: str,
    columns: Mapping[str, ArrayLike],
    numeric: Sequence[str],
    groups: Sequence[str],
    weights: ArrayLike | None,
) -> _People:
    for name in (*numeric, *groups):
        if name not in columns:
            raise RequestError(
                "is missing.", field=f"{table}.{name}", fix="Give this column for every person."
            )
    items = {name: numeric_column(f"{table}.{name}", columns[name]) for name in numeric}
    labels = {name: _labels(f"{table}.{name}", columns[name]) for name in groups}
    size = next(iter(items.values())).size
    for name, values in (items | labels).items():
        if values.size != size:
            raise RequestError(
                f"has {values.size} values for {size} people.",
                field=f"{table}.{name}",
                fix="Give every column one value per person.",
            )
    share = np.ones(size) if weights is None else checked_weights(weights, size)
    counted = share > 0
    share = share[counted] / share.max()
    return _People(
        items={name: values[counted] for name, values in items.items()},
        groups={name: values[counted] for name, values in labels.items()},
        weights=share * (share.size / share.sum()),
    )


def _labels(field: str, values: ArrayLike) -> NDArray[np.str_]:
    coded = coded_columns({field: values})[field]
    return np.array([label for (label,) in coded.labels], dtype=np.str_)[coded.codes]


def _check_comparable(survey_people: _People, synthetic_people: _People) -> None:
    for name, values in survey_people.items.items():
        if values.min() == values.max():
            raise RequestError(
                "is the same in every row.",
                field=f"survey.{name}",
                fix="Leave it out: without variance nothing can be compared.",
            )
    for name, labels in synthetic_people.groups.items():
        unknown = sorted(set(labels.tolist()) - set(survey_people.groups[name].tolist()))
        if unknown:
            raise RequestError(
                f"holds '{unknown[0]}', which nobody in the survey has.",
                field=f"synthetic.{name}",
                fix="Use the survey's labels.",
            )


def _variance_ratios(
    survey_people: _People, synthetic_people: _People, item: str, limits: HomogeneityLimits
) -> list[VarianceRatio]:
    """Compare everybody first, then each category of each group in ascending order."""
    scopes: list[tuple[str | None, str | None]] = [(None, None)]
    for group, labels in survey_people.groups.items():
        scopes += [(group, str(category)) for category in np.unique(labels).tolist()]
    return [
        _variance_ratio(survey_people, synthetic_people, item, *scope, limits) for scope in scopes
    ]


def _variance_ratio(
    survey_people: _People,
    synthetic_people: _People,
    item: str,
    group: str | None,
    category: str | None,
    limits: HomogeneityLimits,
) -> VarianceRatio:
    survey_members = _members(survey_people, group, category)
    synthetic_members = _members(synthetic_people, group, category)
    survey = _variance(
        survey_people.items[item][survey_members], survey_people.weights[survey_members]
    )
    synthetic = _variance(
        synthetic_people.items[item][synthetic_members], synthetic_people.weights[synthetic_members]
    )
    ratio = _quotient(synthetic, survey)
    # By the share they should have: a group that vanished must not escape judgement.
    due = (
        float(survey_people.weights[survey_members].sum() / survey_people.weights.sum())
        * synthetic_members.size
    )
    if min(int(survey_members.sum()), due) < limits.least_rows:
        verdict: Verdict = "not_judged"
    elif math.isnan(ratio) or limits.lowest_ratio <= ratio <= limits.highest_ratio:
        verdict = "passed"
    else:
        verdict = "failed"
    return VarianceRatio(
        item=item,
        group=group,
        category=category,
        survey=survey,
        synthetic=synthetic,
        ratio=ratio,
        verdict=verdict,
    )


def _members(people: _People, group: str | None, category: str | None) -> NDArray[np.bool_]:
    if group is None:
        return np.ones(people.weights.size, dtype=np.bool_)
    return np.asarray(people.groups[group] == category, dtype=np.bool_)


def _variance(values: Floats, weights: Floats) -> float:
    if values.size == 0 or values.min() == values.max():  # exactly 0, whatever the mean's rounding
        return 0.0
    total = weights.sum()
    mean = float((weights * values).sum() / total)
    return float((weights * (values - mean) ** 2).sum() / total)


def _quotient(synthetic: float, survey: float) -> float:
    if survey > 0:
        return synthetic / survey
    return math.inf if synthetic > 0 else math.nan


def _coefficients(
    survey_people: _People, synthetic_people: _People, regression: Regression
) -> tuple[CoefficientSign, ...]:
    survey_fit = _fitted(survey_people, regression)
    try:
        synthetic_coefficients = _fitted(synthetic_people, regression).coefficients
    except EstimationError:  # too little variety to tell effects apart: the guard's own finding
        synthetic_coefficients = np.full(len(regression.predictors), np.nan)
    return tuple(
        CoefficientSign(
            predictor=name,
            survey=float(survey_fit.coefficients[position]),
            standard_error=float(survey_fit.standard_errors[position]),
            synthetic=float(synthetic_coefficients[position]),
            verdict=_sign_verdict(
                float(survey_fit.coefficients[position]),
                float(survey_fit.standard_errors[position]),
                float(synthetic_coefficients[position]),
            ),
        )
        for position, name in enumerate(regression.predictors)
    )


def _fitted(people: _People, regression: Regression) -> LeastSquares:
    return least_squares(
        np.stack([people.items[name] for name in regression.predictors], axis=1),
        people.items[regression.outcome],
        people.weights,
        names=regression.predictors,
    )


def _sign_verdict(survey: float, standard_error: float, synthetic: float) -> Verdict:
    if abs(survey) < SIGNIFICANT * standard_error:
        return "not_judged"
    return "passed" if survey * synthetic > 0 else "failed"


def _correlation_rmse(
    survey_people: _People, synthetic_people: _People, items: Sequence[str]
) -> float | None:
    if len(items) < 2:
        return None
    pairs = np.triu_indices(len(items), k=1)
    gaps = (
        _correlations(survey_people, items)[pairs] - _correlations(synthetic_people, items)[pairs]
    )
    return math.sqrt(float((gaps**2).mean()))


def _correlations(people: _People, items: Sequence[str]) -> Floats:
    """Return float64[items, items]; 0 for an item without variance, which goes with nothing."""
    deviations = np.stack([_standardised(people.items[name], people.weights) for name in items])
    return np.einsum("ip,jp,p->ij", deviations, deviations, people.weights) / people.weights.size


def _standardised(values: Floats, weights: Floats) -> Floats:
    variance = _variance(values, weights)
    if variance <= 0:
        return np.zeros_like(values)
    return (values - (weights * values).sum() / weights.sum()) / math.sqrt(variance)


def _failures(
    ratios: Sequence[VarianceRatio],
    coefficients: Sequence[CoefficientSign],
    rmse: float | None,
    limits: HomogeneityLimits,
) -> tuple[str, ...]:
    failures = [
        f"variance of {ratio.item}{_where(ratio)} is {ratio.ratio:.3g} times the survey's"
        for ratio in ratios
        if ratio.verdict == "failed"
    ]
    failures += [
        f"effect of {each.predictor} is {each.synthetic:.3g}, in the survey {each.survey:.3g}"
        for each in coefficients
        if each.verdict == "failed"
    ]
    if rmse is not None and rmse > limits.largest_correlation_rmse:
        failures.append(f"correlations are off by {rmse:.3g} (root mean square)")
    return tuple(failures)


def _where(ratio: VarianceRatio) -> str:
    return "" if ratio.group is None else f" where {ratio.group}={ratio.category}"
