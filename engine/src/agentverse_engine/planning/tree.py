"""Monte-Carlo tree search: UCT (Kocsis & Szepesvári 2006) over paths, from counted draws."""

import math
from dataclasses import dataclass, field

import numpy as np

from agentverse_engine.numerics.rng import PLAN_SEARCH, uniforms
from agentverse_engine.planning.exploring import Explorer, Node
from agentverse_engine.planning.paths import Step
from agentverse_engine.planning.problem_checks import check_finite, check_whole

ROLLOUT = 0x10000  # where the draws of a rollout begin, apart from those that pick a new step


@dataclass(slots=True, kw_only=True, eq=False)
class _Branch:
    """A node of the tree: untried steps, children in the order tried, and what passed through.

    total_value: the sum of the values of the `plans` among the `visits` paths that ended below it.
    """

    node: Node
    untried: list[Step]
    children: list["_Branch"] = field(default_factory=list["_Branch"])
    visits: int = 0
    plans: int = 0
    total_value: float = 0.0
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeSearch:
    """Descend by UCT, try one new step, end the path by chance, and note what it was worth.

    exploration: the constant C of UCT, for rewards from 0 to 1: 0.5 and more for a plan, by where
    its value lies between the worst and the best so far; 0 for a path that is none. Branches with
    nothing left to try are closed, so enough iterations look at every path.
    """

    iterations: int = 1000
    exploration: float = math.sqrt(0.5)
    seed: int = 0

    def explore(self, explorer: Explorer) -> None:
        """Walk down the tree `iterations` times (Monte-Carlo tree search).

        PlanError: a number out of range. RequestError: a seed out of range.
        """
        check_whole("iterations", self.iterations, 1)
        check_finite("exploration", self.exploration, least=0.0)
        root = explorer.root()
        if root is None:
            return
        tree = _Branch(node=root, untried=list(explorer.moves(root)))
        for iteration in range(self.iterations):
            path = self._select(explorer, tree)
            self._expand(explorer, path, iteration)
            _backpropagate(path, self._rollout(explorer, path[-1].node, iteration))
            _close(path)
            if tree.closed:
                return

    def _select(self, explorer: Explorer, tree: _Branch) -> list[_Branch]:
        path = [tree]
        while not path[-1].untried:
            at = path[-1]
            open_children = [child for child in at.children if not child.closed]
            if not open_children:
                break
            scores = [self._score(explorer, child, at.visits) for child in open_children]
            path.append(open_children[int(np.argmax(scores))])
        return path

    def _score(self, explorer: Explorer, child: _Branch, visits: int) -> float:
        """Return the upper confidence bound: mean reward + 2 C sqrt(ln n / n_child)."""
        low, span = explorer.lowest, explorer.highest - explorer.lowest
        share = (child.total_value - child.plans * low) / span if span > 0 else float(child.plans)
        reward = 0.5 * (child.plans + share) / child.visits
        return reward + 2 * self.exploration * math.sqrt(math.log(visits) / child.visits)

    def _expand(self, explorer: Explorer, path: list[_Branch], iteration: int) -> None:
        """Add a child by a step drawn among the untried ones; pruned steps are crossed off."""
        at = path[-1]
        while at.untried:
            step = at.untried.pop(self._pick(len(at.untried), iteration, len(at.untried)))
            child = explorer.follow(at.node, step)
            if child is not None:
                branch = _Branch(node=child, untried=list(explorer.moves(child)))
                at.children.append(branch)
                path.append(branch)
                return

    def _rollout(self, explorer: Explorer, node: Node, iteration: int) -> Node:
        """Return where random steps lead, each as likely as to stop."""
        depth = ROLLOUT
        while moves := explorer.moves(node):
            position = self._pick(len(moves) + 1, iteration, depth)
            following = explorer.follow(node, moves[position]) if position < len(moves) else None
            if following is None:
                return node
            node, depth = following, depth + 1
        return node

    def _pick(self, count: int, iteration: int, position: int) -> int:
        draw = uniforms(seed=self.seed, purpose=PLAN_SEARCH, identity=iteration, tick=position)
        return int(float(draw) * count)


def _backpropagate(path: list[_Branch], reached: Node) -> None:
    is_plan = not reached.verdict.misses
    for branch in path:
        branch.visits += 1
        branch.plans += is_plan
        branch.total_value += reached.verdict.value if is_plan else 0.0


def _close(path: list[_Branch]) -> None:
    for branch in reversed(path):
        branch.closed = not branch.untried and all(child.closed for child in branch.children)
