"""How much of a difference's spread is chance, and how much the estimation leaves open."""

import numpy as np
from numpy.typing import NDArray

from agentverse.comparisons.drivers import has_closed_form
from agentverse.comparisons.pairing import Pair, PairedShares
from agentverse.comparisons.schemas import IntervalPart
from agentverse.comparisons.windows import Window
from agentverse.universe import variables
from agentverse_engine.closed_form import expectation


def interval_parts(pair: Pair, window: Window, plain: PairedShares) -> list[IntervalPart]:
    """plain: one alternative without the social rules.

    Given its coefficients, a replicate leaves its expectation by chance alone; the expectation is
    the closed form. The two are independent, so that their variances add up.
    """
    if not (pair.project.estimation and has_closed_form(pair)):
        return []
    estimation = _expected_difference(pair, window, plain.wire.alternative)
    chance = (plain.branch - plain.base) - estimation
    variances = {"chance": float(chance.var()), "estimation": float(estimation.var())}
    total = sum(variances.values())
    return [
        IntervalPart.model_validate(
            {"kind": kind, "variance": variance, "share": variance / total if total else 0.0}
        )
        for kind, variance in variances.items()
    ]


def _expected_difference(pair: Pair, window: Window, alternative: str) -> NDArray[np.float64]:
    """float64[replicates], at each replicate's own coefficients."""
    place = pair.registry.names.index(alternative)
    base, branch = (
        pair.registry.scenario(
            variables.spec_of(pair.project, side.event_scripts), social_rules=False
        )
        for side in (pair.base, pair.branch)
    )
    draws = expectation.drawn(base)
    before, after = (expectation.expected(one, draws, window)[:, place] for one in (base, branch))
    return after - before
