"""Where personas start where the population does not say: drawn once, from counted numbers."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import PackError
from agentverse_engine.inputs.population import Population
from agentverse_engine.numerics.number_checks import finite
from agentverse_engine.numerics.rng import STARTING_STATE, uniforms
from agentverse_engine.packs.pack import Pack

CHOICE_COLUMN = 0xFFFF
SHARES_MISS = 1e-9


def completed(
    population: Population,
    pack: Pack,
    *,
    seed: int,
    shares: Mapping[str, float] | None = None,
) -> Population:
    """Return the population with every attribute and level that the pack reads.

    Columns that the population has are kept; others are drawn by the pack's spread, by id.
    shares: of the personas that start with each alternative (0 to 1, summing to 1); left out,
    everybody keeps the population's own choice. Each persona draws its own, by id, so of n personas
    a share p comes out with a standard error of sqrt(p (1 - p) / n). PackError: shares that do not
    sum to 1, and columns that neither the population nor a spread has. RequestError: a seed out of
    range.
    """
    columns = dict(population.attributes)
    wanted = {*pack.attributes, *(level.name for level in pack.levels)}
    for number, spread in enumerate(pack.spreads):
        if spread.column in wanted and spread.column not in columns:
            draws = _uniforms(population, seed, number, spread.draws)
            conditions = [_given(columns, name, spread.column, pack) for name in spread.given]
            columns[spread.column] = spread.quantiles(draws, *conditions)
    missing = sorted(set(pack.attributes) - set(columns))
    if missing:
        raise PackError(
            f"reads {', '.join(missing)}, which the population lacks.",
            field=pack.name,
            fix="Add the column, or a spread to draw it from.",
        )
    choice = population.choice if shares is None else _chosen(population, pack, shares, seed)
    return replace(population, attributes=columns, choice=choice)


def _given(
    columns: Mapping[str, NDArray[np.float64]], name: str, column: str, pack: Pack
) -> NDArray[np.float64]:
    if name not in columns:
        raise PackError(
            f"draws {column} given {name}, which the population lacks.",
            field=f"{pack.name}.spreads",
            fix=f"Add the column {name}, or a spread that draws it before.",
        )
    return columns[name]


def _uniforms(population: Population, seed: int, column: int, draws: int) -> NDArray[np.float64]:
    return uniforms(
        seed=seed,
        purpose=STARTING_STATE,
        identity=population.ids[:, None].astype(np.int64),
        tick=column,
        replicate=np.arange(draws)[None, :],
    )


def _chosen(
    population: Population, pack: Pack, shares: Mapping[str, float], seed: int
) -> NDArray[np.uint8]:
    unknown = sorted(set(shares) - set(pack.alternatives))
    if unknown:
        raise PackError(
            f"names {', '.join(unknown)}.",
            field="shares",
            fix=f"Use {', '.join(pack.alternatives)}.",
        )
    given = np.array(
        [
            finite(shares.get(name, 0.0), field=f"shares.{name}", error=PackError)
            for name in pack.alternatives
        ]
    )
    if (given < 0).any():
        raise PackError("are not all 0 or more.", field="shares", fix="Use numbers from 0 to 1.")
    if abs(given.sum() - 1.0) > SHARES_MISS:
        raise PackError(
            f"sum to {given.sum():g}.",
            field="shares",
            fix="Let them sum to 1 over all alternatives.",
        )
    bounds = np.cumsum(given)[:-1]
    draws = _uniforms(population, seed, CHOICE_COLUMN, 1)[:, 0]
    return np.searchsorted(bounds, draws, side="right").astype(np.uint8)


def beta_4_2(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return float64[n] of Beta(4, 2), the fourth smallest of uniform draws float64[n, 5]."""
    return np.sort(draws, axis=1)[:, 3]
