"""Beam search: level by level, one step more, keeping the most promising paths (Lowerre 1976)."""

from dataclasses import dataclass

import numpy as np

from agentverse_engine.numerics.rng import PLAN_SEARCH, uniforms
from agentverse_engine.planning.exploring import Explorer, Node
from agentverse_engine.planning.problem_checks import check_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class BeamSearch:
    """Keep the best `width` paths of each length; wide enough, it looks at every path.

    Paths that keep to the hard constraints go before those that do not yet, nearer ones before
    farther ones, then by value, then those that are free earlier; equals are ordered by draws
    counted from `seed`.
    """

    width: int = 64
    seed: int = 0

    def explore(self, explorer: Explorer) -> None:
        """Keep the `width` best paths at each decision.

        PlanError: a width below 1. RequestError: a seed out of range.
        """
        check_whole("width", self.width, 1)
        root = explorer.root()
        frontier = [] if root is None else [root]
        while frontier:
            children = [
                child
                for node in frontier
                for step in explorer.moves(node)
                if (child := explorer.follow(node, step)) is not None
            ]
            explorer.dropped += max(0, len(children) - self.width)
            frontier = self._best(children)

    def _best(self, nodes: list[Node]) -> list[Node]:
        if not nodes:
            return []
        depth = len(nodes[0].steps)
        draws = uniforms(
            seed=self.seed, purpose=PLAN_SEARCH, identity=np.arange(len(nodes)), tick=depth
        )
        ranked = sorted(
            range(len(nodes)),
            key=lambda position: (*_rank(nodes[position]), float(draws[position])),
        )
        return [nodes[position] for position in ranked[: self.width]]


def _rank(node: Node) -> tuple[float, float, int]:
    return node.verdict.shortfall, -node.verdict.value, node.course.free_tick
