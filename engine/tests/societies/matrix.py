"""The determinism matrix: random scenarios of every pack, run in many ways, hashed."""

from collections.abc import Callable, Mapping

import agentverse_engine as av
from societies import choice, contagion, economy, opinion

FAMILIES: Mapping[str, Callable[[int], av.Scenario]] = {
    "choice": choice.random_scenario,
    "opinion": opinion.random_scenario,
    "contagion": contagion.random_scenario,
    "economy": economy.random_scenario,
}
SEEDS = 250  # of each family: a thousand scenarios
BLOCK = 25  # scenarios of one test


def digest(family: str, seed: int, *, way: int) -> str:
    """Run a random scenario with threads, partitions and batch that follow from `way`."""
    scenario = FAMILIES[family](seed)
    run = av.simulate_ensemble(
        scenario,
        threads=(1, 2, 4)[way % 3],
        partitions=(1, 2, 4)[way // 3 % 3],
        batch=(1, 3, 4, 16)[way // 9 % 4],
        keyframe_every=1 + way % 7,
    )
    return run.digest
