"""Survey rows → any number of personas and who knows whom, with reports on both."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.categories import Category
from agentverse.populations.errors import InvalidMapping
from agentverse.populations.schemas import (
    ColumnMapping,
    FitReport,
    Marginal,
    NetworkReport,
    SynthesisOptions,
)
from agentverse.populations.survey import Survey
from agentverse.populations.vectorizing import population_of
from agentverse_engine import Network, Population, homophilous_network, networks, synthesis
from agentverse_engine.errors import EngineError
from agentverse_engine.synthesis import CategoryFit

METHOD = "systematic resampling of whole survey rows, every row with the same weight"
WEIGHTED_METHOD = "systematic resampling of whole survey rows, each by its weight in the file"
Result = TypeVar("Result")

MOST_CATEGORIES = 12
BANDS = 4
NO_ANSWER = "no answer"
OTHERS = "all others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """Personas and the survey row each was made of. chosen: int64[personas]."""

    population: Population
    chosen: NDArray[np.int64]
    network: Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A marginal: int64[n] codes over the survey rows, and what the codes are called."""

    name: str
    codes: NDArray[np.int64]
    categories: tuple[str, ...]


def synthesise(
    survey: Survey, options: SynthesisOptions, *, progress: Callable[[str, int, int], None]
) -> Synthesis:
    """Draw personas and link them; the same survey, options and seed give the same bits.

    Raises InvalidMapping, with the engine's reason.
    """
    progress("synthesising", 0, options.personas)
    chosen = _resampled(survey, options)
    population = _or_explain(lambda: population_of(survey, chosen))
    progress("network", 0, 1)
    network = _or_explain(
        lambda: homophilous_network(
            {"region": population.region, "segment": population.segment},
            mean_degree=options.mean_degree,
            odds_ratios={
                "region": options.region_odds_ratio,
                "segment": options.segment_odds_ratio,
            },
            seed=options.seed,
        )
    )
    return Synthesis(population=population, chosen=chosen, network=network)


def _resampled(survey: Survey, options: SynthesisOptions) -> NDArray[np.int64]:
    """Return int64[personas], survey rows; a person's rows stand together, so that each person is
    among the personas as often as the rows say, give or take one."""
    if survey.person is None:
        return synthesis.resample(
            len(survey), options.personas, options.seed, weights=survey.weight
        )
    order = np.argsort(survey.person, kind="stable")
    weights = None if survey.weight is None else survey.weight[order]
    return order[synthesis.resample(len(survey), options.personas, options.seed, weights=weights)]


def _or_explain(make: Callable[[], Result]) -> Result:
    try:
        return make()
    except EngineError as error:
        raise InvalidMapping(str(error)) from error


def fit_report(survey: Survey, made: Synthesis, mapping: ColumnMapping) -> FitReport:
    """Compare all that is kept of the personas with the survey."""
    columns = {column.name: column for column in _columns(survey, mapping)}
    report = synthesis.fit_report(
        {name: column.codes for name, column in columns.items()},
        made.chosen,
        weights=survey.weight,
    )
    personas = len(made.population)
    worst = max(report.categories, key=lambda cell: abs(cell.achieved - cell.target))
    return FitReport(
        method=METHOD if survey.weight is None else WEIGHTED_METHOD,
        survey_rows=report.rows,
        personas=personas,
        marginals=[
            _marginal(columns[name], list(cells), personas)
            for name, cells in groupby(report.categories, key=lambda cell: cell.column)
        ],
        total_absolute_error=report.tae,
        srmse=report.srmse,
        worst_cell=f"{worst.column} = {columns[worst.column].categories[int(worst.category)]}",
        worst_cell_points=100 * (worst.achieved - worst.target) / personas,
    )


def _marginal(column: Column, cells: list[CategoryFit], personas: int) -> Marginal:
    return Marginal(
        name=column.name,
        categories=[column.categories[int(cell.category)] for cell in cells],
        target=[100 * cell.target / personas for cell in cells],
        achieved=[100 * cell.achieved / personas for cell in cells],
    )


def _columns(survey: Survey, mapping: ColumnMapping) -> list[Column]:
    columns: list[Column] = []
    if mapping.choice_column is not None:
        labels = tuple(each.label for each in mapping.alternatives)
        columns.append(
            Column(name="choice", codes=survey.choice.astype(np.int64), categories=labels)
        )
    if mapping.region is not None:
        labels = tuple(label.label for label in survey.regions)
        columns.append(
            Column(name="region", codes=survey.region.astype(np.int64), categories=labels)
        )
    if mapping.segment is not None:
        labels = tuple(label.label for label in survey.segments)
        columns.append(
            Column(name="segment", codes=survey.segment.astype(np.int64), categories=labels)
        )
    columns += [_trait(name, values) for name, values in survey.traits.items()]
    return columns + [_category(name, each) for name, each in survey.categories.items()]


def _category(name: str, category: Category) -> Column:
    """The most frequent values are shown, the others together; gaps are last."""
    gaps = category.codes < 0
    counts = np.bincount(category.codes[~gaps], minlength=len(category.values))
    if np.count_nonzero(counts) <= MOST_CATEGORIES:
        shown = np.flatnonzero(counts)
    else:
        shown = np.sort(np.argsort(-counts, kind="stable")[: MOST_CATEGORIES - 1])
    places = np.full(len(category.values) + 1, shown.size, np.int64)  # -1 is the last entry
    places[shown] = np.arange(shown.size)
    others = (OTHERS,) if np.count_nonzero(counts) > shown.size else ()
    places[-1] = shown.size + len(others)
    names = tuple(category.values[place] for place in shown.tolist())
    absent = (NO_ANSWER,) if gaps.any() else ()
    return Column(name=name, codes=places[category.codes], categories=names + others + absent)


def _trait(name: str, values: NDArray[np.float64]) -> Column:
    """Few distinct values are categories of their own, else bands of equal count; gaps are last."""
    gaps = np.isnan(values)
    if gaps.all():
        return Column(name=name, codes=np.zeros(values.size, np.int64), categories=(NO_ANSWER,))
    present, categories = _banded(values[~gaps])
    if not gaps.any():
        return Column(name=name, codes=present, categories=categories)
    codes = np.full(values.size, len(categories), np.int64)
    codes[~gaps] = present
    return Column(name=name, codes=codes, categories=(*categories, NO_ANSWER))


def _banded(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    distinct, codes = np.unique(values, return_inverse=True)
    if distinct.size <= MOST_CATEGORIES:
        return codes, tuple(f"{value:g}" for value in distinct)
    bands = synthesis.quantile_bins(values, BANDS)
    return bands, tuple(_band_name(values[bands == band]) for band in range(int(bands.max()) + 1))


def _band_name(values: NDArray[np.float64]) -> str:
    return f"{values.min():g} to {values.max():g}" if values.size else "none"


def network_report(made: Synthesis, mapping: ColumnMapping) -> NetworkReport:
    """Describe the network; assortativity only for groupings that the mapping names."""
    groups = {"region": made.population.region, "segment": made.population.segment}
    report = networks.report(made.network, groups)
    mixing = {each.group: each.assortativity for each in report.mixing}
    counts = list(report.degree_counts)
    return NetworkReport(
        edges=report.links,
        mean_degree=report.mean_degree,
        maximum_degree=report.max_degree,
        isolated=counts[0],
        degree_histogram=counts,
        region_assortativity=_finite_or_none(mixing["region"]) if mapping.region else None,
        segment_assortativity=_finite_or_none(mixing["segment"]) if mapping.segment else None,
        digest=made.network.digest,
    )


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
