"""The expected logit answer without social rules: exact counts, no simulation, no replicates.

Without social rules a replacement does not depend on what anybody has, so expected installations
of a cell are personas x replacement rate x mean softmax, and the stock follows linearly.
Advertising moves utilities by its parameters alone, so it is part of the answer.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.closed_form.shares import advertised, available
from agentverse_engine.effects.effects import Effects, TickEffects
from agentverse_engine.effects.folding import applied
from agentverse_engine.errors import EstimationError
from agentverse_engine.inputs.draws import Draws
from agentverse_engine.inputs.population import Population
from agentverse_engine.numerics.rng import uniforms
from agentverse_engine.scenario.draw_tables import choice_table
from agentverse_engine.scenario.scenario import Scenario

DRAWS: Final = 500
DRAWS_SEED: Final = 1986
# What the draws are for; far from the purposes of rules, so that no number is used twice.
ESTIMATION: Final = np.uint64(1001)
# Beyond this many different personas the draws use an even sample of them (sorted, every k-th).
MOST_PROFILES: Final = 20_000
# Fewer where advertising fades in and out, so that every tick has shares of its own.
MOST_FADING_PROFILES: Final = 2_000
CHUNK_VALUES: Final = 8_000_000
# Advertising that fades moves utilities for ever; what is less than this moves no share by more.
# The draws end as quantiles that are shown to a hundredth of a point, a share of 1e-4.
SETTLED: Final = 1e-9
SETTLED_DRAWS: Final = 1e-4
# Of a correlation matrix: what an eigenvalue of zero may be below it.
ROUNDING: Final = 1e-9
DIGITS: Final = 9
MODELLED: Final = ("coefficients", "constants")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profiles:
    """Different personas and how many share each.

    cells: int64[u]; attributes: float64[u, columns]; weights: float64[u], sums to all personas.
    """

    cells: NDArray[np.int64]
    attributes: Floats
    weights: Floats

    def sampled(self, most: int) -> "Profiles":
        if len(self.weights) <= most:
            return self
        chosen = np.linspace(0, len(self.weights) - 1, most).astype(np.int64)
        kept = self.weights[chosen]
        weights = kept * (self.weights.sum() / kept.sum())
        return Profiles(
            cells=self.cells[chosen], attributes=self.attributes[chosen], weights=weights
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coefficients:
    """Draws of the choice model: families float64[draws, k], constants float64[draws, j]."""

    families: Floats
    constants: Floats


ShareKind = Literal["flow_share", "stock_share"]


class Window(Protocol):
    """Which shares are asked for: of those who took something up in the ticks from_tick …
    to_tick, or of what everybody has after the last of them."""

    @property
    def metric(self) -> ShareKind: ...

    @property
    def from_tick(self) -> int: ...

    @property
    def to_tick(self) -> int: ...


@lru_cache(maxsize=4)
def profiles(population: Population) -> Profiles:
    """Personas are resampled from few survey rows: equal ones are computed once."""
    cells = population.cells().astype(np.float64)
    rows, counts = np.unique(
        np.column_stack((cells, population.matrix)), axis=0, return_counts=True
    )
    return Profiles(
        cells=rows[:, 0].astype(np.int64),
        attributes=np.ascontiguousarray(rows[:, 1:]),
        weights=counts.astype(np.float64),
    )


def fitted(scenario: Scenario) -> Coefficients:
    """The estimates themselves, as one draw, whatever the scenario's own draws are."""
    return Coefficients(
        families=scenario.model.coefficient_vector()[None],
        constants=scenario.model.constant_vector()[None],
    )


def sampled(
    scenario: Scenario,
    names: tuple[str, ...],
    covariance: Floats,
    *,
    draws: int = DRAWS,
    seed: int = DRAWS_SEED,
) -> Coefficients:
    """Draw from the estimates' asymptotic normal distribution (Krinsky & Robb 1986).

    names: the covariance's rows, families by name and constants as “asc.<alternative>”;
    covariance: float64[names, names]; draws: how many, each a function of its number and the seed.
    EstimationError: a covariance that is not positive semi-definite.
    """
    return _around(scenario, names, covariance, _normals(draws, len(names), seed))


def _around(
    scenario: Scenario, names: tuple[str, ...], covariance: Floats, normals: Floats
) -> Coefficients:
    """Return draws with standard normals float64[draws, names] as their deviations."""
    centre = np.array([_estimate(scenario, name) for name in names])
    root = _root(covariance)
    errors = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    # In standard errors, to the ninth digit: linear algebra differs between machines beyond it.
    deviations = np.divide(
        normals @ root.T, errors, out=np.zeros(normals.shape), where=errors > 0
    ).round(DIGITS)
    points, draws = centre + errors * deviations, len(normals)
    families, constants = fitted(scenario).families, fitted(scenario).constants
    families, constants = np.tile(families, (draws, 1)), np.tile(constants, (draws, 1))
    kinds = tuple(scenario.model.coefficients)
    for position, name in enumerate(names):
        if name in kinds:
            families[:, kinds.index(name)] = points[:, position]
        else:
            alternative = name.removeprefix("asc.")
            constants[:, scenario.model.alternatives.index(alternative)] = points[:, position]
    return Coefficients(families=families, constants=constants)


def estimation_draws(scenario: Scenario, names: tuple[str, ...], covariance: Floats) -> Draws:
    """Return draws of the estimates' sampling distribution, one for each replicate, by the seed.

    Twenty draws at random may lie well to one side of the estimates. So all of them together are
    moved and stretched until their mean and covariance are those of the distribution (moment
    matching, Barraquand 1995); of very few replicates only the mean is. Another number of
    replicates has other draws. EstimationError: a covariance that is not positive semi-definite.
    """
    normals = _matched(_normals(scenario.replicates, len(names), scenario.seed))
    drawn = _around(scenario, names, covariance, normals)
    model = scenario.model
    return Draws(
        coefficients={
            name: drawn.families[:, position]
            for position, name in enumerate(model.coefficients)
            if name in names
        },
        constants={
            name: drawn.constants[:, position]
            for position, name in enumerate(model.alternatives)
            if f"asc.{name}" in names
        },
    )


def drawn(scenario: Scenario) -> Coefficients:
    """Return the scenario's own draws of its coefficients, one for each replicate; one draw, the
    estimates themselves, where it has none."""
    tables = [choice_table(scenario.draws, scenario.pack, name) for name in MODELLED]
    return Coefficients(families=tables[0], constants=tables[1])


def expected(scenario: Scenario, coefficients: Coefficients, window: Window) -> Floats:
    """Return the expected shares of everyone in a window, float64[draws, alternatives].

    With several draws at most `most_profiles` different personas are computed. The scenario has
    its social rules off, and a choice model whose replacements come at one rate.
    """
    everyone = profiles(scenario.population)
    many = len(coefficients.families) > 1
    personas = everyone.sampled(most_profiles(scenario)) if many else everyone
    return _Expectation(scenario, personas, coefficients).shares(window)


def most_profiles(scenario: Scenario) -> int:
    """Of how many different personas the draws use at most."""
    fading = any(variable.inertia for variable in scenario.variables)
    return MOST_FADING_PROFILES if fading else MOST_PROFILES


class _Expectation:
    """Walks the ticks once; equal effects are computed once."""

    def __init__(self, scenario: Scenario, personas: Profiles, coefficients: Coefficients) -> None:
        self.scenario = scenario
        self.personas = personas
        self.coefficients = coefficients
        self.effects = Effects(scenario)
        self.cells = len(scenario.population.segments) * len(scenario.population.regions)
        self.sizes = np.bincount(personas.cells, weights=personas.weights, minlength=self.cells)
        self.columns = _columns(scenario)
        self.settled = SETTLED_DRAWS if len(coefficients.families) > 1 else SETTLED

    def shares(self, window: Window) -> Floats:
        """Replicates in which the same scripts occur have the same expectation, unless
        parameters are drawn."""
        occurrence = self.effects.occurrence
        if len(self.effects.defaults) > 1:
            occurrence = np.column_stack([occurrence, np.arange(len(occurrence))])
        occurrence, first, counts = np.unique(
            occurrence, axis=0, return_index=True, return_counts=True
        )
        weights = counts / len(self.effects.occurrence)
        parts = [
            weight * self._counts(int(first[index]), window)
            for index, weight in enumerate(weights[: len(occurrence)])
        ]
        total = np.sum(parts, axis=0)
        return total / total.sum(axis=1, keepdims=True)

    def _counts(self, replicate: int, window: Window) -> Floats:
        """Expected counts of one replicate's scripts, float64[draws, alternatives]."""
        ticks = self.effects.batch(replicate, 1)
        stock = self._initial_stock()
        installed = np.zeros((len(self.coefficients.families), stock.shape[-1]))
        last: _Moved | None = None
        shares = np.empty(0)
        # What was installed before the window matters to the stock alone.
        first = 1 if window.metric == "stock_share" else window.from_tick
        for tick in range(first, window.to_tick + 1):
            now = ticks.at(tick)
            moved = self._moved(now)
            if last is None or not moved.equals(last, self.settled):
                shares, last = self._cell_shares(moved), moved
            rate = now.parameters[0, :, 0][None, :, None]
            arriving = rate * self.sizes[None, :, None] * shares
            stock = stock * (1.0 - rate) + arriving
            installed = installed + arriving.sum(axis=1)
        return installed if window.metric == "flow_share" else stock.sum(axis=1)

    def _initial_stock(self) -> Floats:
        """float64[1, cells, alternatives], scaled to the profiles in use."""
        population = self.scenario.population
        alternatives = len(self.scenario.model.alternatives)
        places = population.cells().astype(np.int64) * alternatives + population.choice
        counts = np.bincount(places, minlength=self.cells * alternatives)
        stock = counts.reshape(self.cells, alternatives).astype(np.float64)
        totals = stock.sum(axis=1, keepdims=True)
        return (stock * np.divide(self.sizes[:, None], totals, where=totals > 0, out=totals))[None]

    def _moved(self, effects: TickEffects) -> "_Moved":
        added = advertised(self.scenario, effects.parameters[0])
        offered = available(self.scenario, effects.parameters[0])
        return _Moved(attributes=effects.attributes[0], added=added, available=offered)

    def _cell_shares(self, moved: "_Moved") -> Floats:
        """Mean logit probability of each cell, float64[draws, cells, alternatives]."""
        maps = moved.attributes.reshape(self.cells, *self.columns.shape, 4)
        maps = maps[self.personas.cells]
        values = applied(maps, self.personas.attributes[:, self.columns])
        draws, size = len(self.coefficients.families), len(values)
        alternatives = self.coefficients.constants.shape[1]
        sums = np.zeros((draws, self.cells, alternatives))
        step = max(1, CHUNK_VALUES // (draws * alternatives))
        for first in range(0, size, step):
            part = slice(first, first + step)
            cells = self.personas.cells[part]
            self._add(sums, values[part], moved.added[cells], moved.available[cells], part)
        sizes = self.sizes[None, :, None]
        return np.divide(sums, sizes, where=sizes > 0, out=np.zeros_like(sums))

    def _add(
        self, sums: Floats, values: Floats, added: Floats, offered: Floats, part: slice
    ) -> None:
        """Of this part, values: float64[personas, families, alternatives]; added: to utilities,
        float64[personas, alternatives]; offered: what odds are multiplied with, of that shape."""
        utilities = np.tensordot(self.coefficients.families, values, axes=(1, 1))
        utilities += self.coefficients.constants[:, None, :]
        utilities += added
        # What is not offered counts in no maximum, so that nothing near it underflows.
        utilities -= np.where(offered > 0, utilities, -np.inf).max(axis=2, keepdims=True)
        odds = np.exp(np.where(offered > 0, utilities, -np.inf)) * offered
        odds *= (self.personas.weights[part] / odds.sum(axis=2))[:, :, None]
        cells = self.personas.cells[part]
        starts = np.flatnonzero(np.diff(cells, prepend=-1))
        sums[:, cells[starts]] += np.add.reduceat(odds, starts, axis=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moved:
    """What decides the shares of a tick: maps of attributes float64[cells, columns, 4], what
    advertising adds to utilities and what can be chosen, both float64[cells, alternatives]."""

    attributes: Floats
    added: Floats
    available: Floats

    def equals(self, other: "_Moved", settled: float) -> bool:
        return (
            np.array_equal(self.attributes, other.attributes)
            and np.array_equal(self.available, other.available)
            and np.allclose(self.added, other.added, rtol=0.0, atol=settled)
        )


def _columns(scenario: Scenario) -> NDArray[np.int64]:
    """int64[families, alternatives]: the population column of each attribute."""
    names = scenario.model.attribute_names()
    position = scenario.population.attribute_position
    return np.array([[position(name) for name in row] for row in names], dtype=np.int64)


def _estimate(scenario: Scenario, name: str) -> float:
    if name in scenario.model.coefficients:
        return scenario.model.coefficients[name]
    return scenario.model.constants.get(name.removeprefix("asc."), 0.0)


def _normals(draws: int, size: int, seed: int) -> Floats:
    """Standard normals float64[draws, size] by Box & Muller (1958) from counted uniforms."""
    counted = uniforms(
        seed=seed,
        purpose=ESTIMATION,
        identity=np.arange(2 * size)[None, :],
        replicate=np.arange(draws)[:, None],
    )
    radius = np.sqrt(-2.0 * np.log1p(-counted[:, :size]))
    return radius * np.cos(2.0 * np.pi * counted[:, size:])


def _matched(normals: Floats) -> Floats:
    """Return normals float64[draws, size] with mean 0 and, if they are more than size + 1, the
    covariance 1."""
    draws, size = normals.shape
    centred: Floats = normals - normals.mean(axis=0)
    if draws <= size + 1:
        return centred
    covariance = np.cov(centred, rowvar=False, bias=True).reshape(size, size)
    whitening = np.asarray(np.linalg.inv(np.linalg.cholesky(covariance)), dtype=np.float64)
    return centred @ whitening.T


def _root(covariance: Floats) -> Floats:
    """A square root of the covariance; one scale per coefficient keeps it well conditioned."""
    scale = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    if not values.min() >= -ROUNDING * len(values):
        raise EstimationError(
            "is not positive semi-definite.",
            field="covariance",
            fix="Give the covariance of a fit, or fewer coefficients.",
        )
    return scale[:, None] * (vectors * np.sqrt(np.clip(values, 0.0, None)))
