"""One persona in one tick: its rules applied in order, and what each name they read means."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from agentverse_engine.reference.draws import WORD, drawn_words, fine_draw_of, reference_philox
from agentverse_engine.reference.people import People, stored_steps
from agentverse_engine.reference.rules import EQUATIONS
from agentverse_engine.reference.world import World
from agentverse_engine.rules.rule import NeighbourFilter, Rule
from agentverse_engine.scenario.scenario import Scenario

PEER, PARTNER = 0x100, 0x101


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What a persona is after a tick; entered: the alternative it chose or changed to."""

    choice: int
    stored: dict[str, int]
    entered: int | None


class Persona:
    """One persona in one tick of one replicate, and what its rules may read."""

    def __init__(
        self,
        scenario: Scenario,
        world: World,
        people: People,
        persona: int,
        tick: int,
        replicate: int,
    ) -> None:
        self.scenario, self.world, self.people = scenario, world, people
        self.persona, self.tick, self.replicate = persona, tick, replicate
        self.identity = int(scenario.population.ids[persona])
        network = scenario.network
        begin, end = network.indptr[persona : persona + 2].tolist()
        self.neighbours: list[int] = network.indices[begin:end].tolist()
        self.new: dict[str, float] = {"choice": people.choice[persona]}
        for level in scenario.pack.levels:
            self.new[level.name] = self._level(level.name, persona)
        self.utilities = np.zeros(len(scenario.pack.alternatives))

    def live(self) -> StepResult:
        pack = self.scenario.pack
        gate = pack.gate
        old = self.people.choice[self.persona]
        acts = gate is None or bool(self._call(gate))
        if acts:
            for rule in pack.rules:
                if not rule.gate and (self.scenario.social_rules or not rule.social):
                    self._apply(rule)
        stored = {
            level.name: stored_steps(self.new[level.name], level.per_unit, level.low, level.high)
            for level in pack.levels
        }
        choosing = any("choice" in rule.writes for rule in pack.rules)
        new = int(self.new["choice"])
        entered = new if acts and choosing and (gate is not None or new != old) else None
        return StepResult(choice=new, stored=stored, entered=entered)

    def _apply(self, rule: Rule) -> None:
        result = self._call(rule)
        written = rule.writes
        if len(written) == 1:
            self.new[written[0]] = result
        elif written:
            self.new |= zip(written, result, strict=True)

    def _call(self, rule: Rule) -> Any:
        equation = EQUATIONS.get(rule.name, rule.plain)
        return equation(*(self._read(name, rule) for name in rule.reads()))

    def _level(self, name: str, persona: int) -> float:
        level = next(level for level in self.scenario.pack.levels if level.name == name)
        return self.people.levels[name][persona] / level.per_unit

    def _read(self, name: str, rule: Rule | NeighbourFilter, other: int | None = None) -> object:
        for read in (self._plain, self._draw, self._seen, self._counted, self._met):
            value = read(name, rule, other)
            if value is not None:
                return value
        message = f"{rule.name} reads {name}"
        raise KeyError(message)

    def _plain(self, name: str, rule: Rule | NeighbourFilter, other: int | None) -> object:
        pack, world = self.scenario.pack, self.world.now[self.persona]
        levels = [level.name for level in pack.levels]
        if name in world:
            return world[name]
        if name in pack.constants:
            return self._constant(name)
        if name == "values" and pack.model is not None:
            rows = pack.model.attribute_names()
            return np.array([[world[one] for one in row] for row in rows]).reshape(
                len(rows), len(pack.alternatives)
            )
        if all(f"{name}.{one}" in world for one in pack.alternatives):
            return np.array([world[f"{name}.{one}"] for one in pack.alternatives])
        if name in levels:
            return self._level(name, self.persona)
        if name.removeprefix("new_") in levels:
            return self.new[name.removeprefix("new_")]
        if name.removeprefix("start_") in levels:
            level = pack.levels[levels.index(name.removeprefix("start_"))]
            return self.world.remembered_levels[level.name][self.persona] / level.per_unit
        return None

    def _constant(self, name: str) -> object:
        """A constant, those of the choice model as drawn for this replicate."""
        pack, draws = self.scenario.pack, self.scenario.draws
        value = pack.constants[name]
        if pack.model is None or name not in ("coefficients", "constants"):
            return value
        kinds = {
            "coefficients": (tuple(pack.model.coefficients), draws.coefficients),
            "constants": (pack.alternatives, draws.constants),
        }
        own = np.array(value)
        for index, of in enumerate(kinds[name][0]):
            if of in kinds[name][1]:
                own[index] = kinds[name][1][of][self.replicate]
        return own

    def _draw(self, name: str, rule: Rule | NeighbourFilter, other: int | None) -> object:
        if not isinstance(rule, Rule) or "draw" not in name:
            return None
        kind, _, number = name.rpartition("_") if name[-1].isdigit() else (name, "", "1")
        position = int(number) - 1
        if kind == "draw" and position == 0:
            block, word = divmod(self.replicate, 4)
            words = drawn_words(self.scenario, self.identity, self.tick, rule.purpose, block)
            return (words[word] + 0.5) / 2**32
        coarse = {"draw", "draw_2", "draw_3", "draw_4"} & set(rule.reads())
        step = position + (4 if kind == "fine_draw" and coarse else 0)
        purpose = (rule.purpose + 0x9E3779B9 * step) & WORD
        words = drawn_words(self.scenario, self.identity, self.tick, purpose, self.replicate)
        return fine_draw_of(words) if kind == "fine_draw" else (words[0] + 0.5) / 2**32

    def _seen(self, name: str, rule: Rule | NeighbourFilter, other: int | None) -> object:
        choice = self.people.choice
        near = self.neighbours
        alternatives = range(len(self.scenario.pack.alternatives))
        simple: dict[str, object] = {
            "choice": choice[self.persona],
            "new_choice": int(self.new["choice"]),
            "start_choice": int(self.scenario.population.choice[self.persona]),
            "degree": len(near),
            "tick": self.tick,
            "utilities": self.utilities,
            "counts": np.array(
                [[choice[one] for one in near].count(kind) for kind in alternatives]
            ),
        }
        if other is not None:
            simple["their_choice"] = choice[other]
        return simple.get(name)

    def _counted(self, name: str, rule: Rule | NeighbourFilter, other: int | None) -> object:
        kind, _, what = name.partition("_")
        pack, near = self.scenario.pack, self.neighbours
        if kind in ("count", "share") and what in pack.alternatives:
            code = pack.alternatives.index(what)
            count = sum(self.people.choice[one] == code for one in near)
            return count if kind == "count" else (count / len(near) if near else 0.0)
        for item in pack.filters:
            if kind == "count" and what == item.name:
                return len(self._passing(item))
            if kind == "mean" and what.startswith(f"{item.name}_"):
                return self._mean(what.removeprefix(f"{item.name}_"), self._passing(item))
        if kind == "mean":
            return self._mean(what, near)
        if kind == "weighted":
            return self._weighted(what, near)
        if kind == "population":
            return self._of_everybody(what)
        return None

    def _weighted(self, what: str, near: list[int]) -> float:
        """A mean or a share of the neighbours, each as often as its weight says."""
        begin = int(self.scenario.network.indptr[self.persona])
        steps = self.scenario.network.weight_steps()[begin : begin + len(near)].tolist()
        kind, _, name = what.partition("_")
        if not sum(steps):
            return 0.0
        if kind == "share":
            code = self.scenario.pack.alternatives.index(name)
            chosen = [self.people.choice[one] == code for one in near]
            return sum(w for w, is_it in zip(steps, chosen, strict=True) if is_it) / sum(steps)
        level = next(level for level in self.scenario.pack.levels if level.name == name)
        values = [self.people.levels[name][one] for one in near]
        total = sum(w * value for w, value in zip(steps, values, strict=True))
        return float(total) / (float(level.per_unit) * sum(steps))

    def _of_everybody(self, what: str) -> float:
        kind, _, name = what.partition("_")
        everybody = len(self.people.choice)
        if kind == "mean":
            level = next(level for level in self.scenario.pack.levels if level.name == name)
            return float(sum(self.people.levels[name])) / (float(level.per_unit) * everybody)
        count = self.people.choice.count(self.scenario.pack.alternatives.index(name))
        return count if kind == "count" else count / everybody

    def _mean(self, name: str, near: list[int]) -> float:
        level = next(level for level in self.scenario.pack.levels if level.name == name)
        total = sum(self.people.levels[name][one] for one in near)
        return total / (level.per_unit * len(near)) if near else 0.0

    def _passing(self, item: NeighbourFilter) -> list[int]:
        return [
            one
            for one in self.neighbours
            if item.plain(*(self._read(name, item, one) for name in item.reads()))
        ]

    def _met(self, name: str, rule: Rule | NeighbourFilter, other: int | None) -> object:
        if name == "met":
            return self._partner() != self.persona
        kind, _, what = name.partition("_")
        whom = {"peer": self._peer, "partner": self._partner, "their": lambda: other}
        if kind not in whom:
            return None
        persona = whom[kind]()
        if persona is None:
            return None
        return self.people.choice[persona] if what == "choice" else self._level(what, persona)

    def _peer(self) -> int:
        if not self.neighbours:
            return self.persona
        words = drawn_words(self.scenario, self.identity, self.tick, PEER, self.replicate)
        by_id = sorted(self.neighbours, key=lambda one: int(self.scenario.population.ids[one]))
        return by_id[int(fine_draw_of(words) * len(by_id))]

    def _partner(self) -> int:
        key = drawn_words(self.scenario, self.tick, self.replicate, PARTNER, 0)[:2]
        best = self._favourite(self.persona, (key[0], key[1]))
        if best is None or self._favourite(best, (key[0], key[1])) != self.persona:
            return self.persona
        return best

    def _favourite(self, persona: int, key: tuple[int, int]) -> int | None:
        network, ids = self.scenario.network, self.scenario.population.ids
        begin, end = network.indptr[persona : persona + 2].tolist()
        own = int(ids[persona])
        ranked: list[tuple[tuple[int, ...], int, int]] = []
        for one in network.indices[begin:end].tolist():
            identity = int(ids[one])
            pair = (min(own, identity), max(own, identity), PARTNER, 0)
            ranked.append((reference_philox(pair, key)[:2], identity, one))
        return min(ranked)[2] if ranked else None
