"""Plans and hybrid runs of fixed scenarios, pinned: another answer is another engine version."""

from collections.abc import Callable
from hashlib import sha256

from societies.actors import both, cheaper
from societies.plans import random_problem

import agentverse_engine as av
from agentverse_engine import hybrid, planning

PLANS = "c9c8ef73c790e141a7d111d851ab1f04565874b97443b2af9793ca15d3a0ef9c"
HYBRID = "8969355e7e58e0a0c44b2b9597cea444e9c2c6eeadedfed3586fd1ec4bda27c2"


def digest_of(value: object) -> str:
    return sha256(repr(value).encode()).hexdigest()


def test_plans_of_random_problems_are_the_ones_known() -> None:
    answers: list[object] = []
    for seed in range(6):
        answer = planning.plan(random_problem(seed), best=3)
        answers.append([(one.steps, one.digest, one.value) for one in answer.plans])
        answers.append([(one.constraint, one.refused, one.cut) for one in answer.prunings])
    assert any(answers)
    assert digest_of(answers) == PLANS


def test_hybrid_run_is_the_one_known(society: Callable[..., av.Scenario]) -> None:
    condition = av.Condition(outcome="pump", comparison=">", value=0.32)
    scenario = society(size=200, horizon=10, replicates=7)
    scenario = scenario.branch([cheaper(1.0, condition=condition)])
    run = hybrid.simulate_hybrid(scenario, both())
    assert run.ledger
    taken = [(entry.tick, entry.replicate, entry.actor, entry.action) for entry in run.ledger]
    assert digest_of((run.digest, taken)) == HYBRID
