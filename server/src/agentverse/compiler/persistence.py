"""Which changes said to come "in month 6" last from then on."""

from dataclasses import replace

from agentverse.compiler.clauses import Clause
from agentverse_engine.packs.availability_variables import FAMILY

_LAUNCHES = frozenset(
    {"introduce", "introduced", "introduces", "introducing", "launch", "launched", "launches"}
    | {"launching", "impose", "imposed", "imposes", "imposing", "begin", "begins", "start"}
    | {"starts", "force", "effect"}
)


def let_last(clauses: list[Clause]) -> None:
    """Keep a change that is introduced, or that another one comes on top of, to the horizon."""
    stepwise = any(clause.again for clause in clauses) and len(clauses) > 1
    for clause in clauses:
        words = set(clause.segment.text.lower().split())
        removed = any(name.startswith(f"{FAMILY}.") for name in clause.parameters)
        if stepwise or removed or words & _LAUNCHES:
            _open_ended(clause)


def _open_ended(clause: Clause) -> None:
    for place, timing in enumerate(clause.timings):
        if timing.momentary:
            clause.timings[place] = replace(
                timing,
                end=None,
                momentary=False,
                assumption=timing.assumption.split(" as ")[0] + " as from then on",
            )
