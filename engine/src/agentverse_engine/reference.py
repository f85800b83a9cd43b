"""The same simulation in slow, plain Python: the definition that the fast path is tested against.

It shares types with the fast path and no computation: its own Philox on Python integers, scripts
applied one after the other, neighbours looked at one by one, the whole state hashed at every tick.
Our own rules have their equations written a second time, in `reference_rules`; any other rule is
called as the plain Python it is.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.events import Condition, EventScript
from agentverse_engine.reference_rules import EQUATIONS
from agentverse_engine.rules.rule import NeighbourFilter, Rule
from agentverse_engine.scenario import Scenario

WORD = 0xFFFFFFFF
WHOLE = 0xFFFFFFFFFFFFFFFF
PEER, PARTNER = 0x100, 0x101
BINS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRun:
    """flows, stock: int32[replicates, horizon+1, segments, regions, alternatives];
    states: uint8[replicates, horizon+1, n]; levels: int64[replicates, horizon+1, K, n], in steps;
    level_sums, level_bins: as in Trajectory; tick_digests: uint64[replicates, horizon+1]."""

    flows: NDArray[np.int32]
    stock: NDArray[np.int32]
    states: NDArray[np.uint8]
    levels: NDArray[np.int64]
    level_sums: NDArray[np.int64]
    level_bins: NDArray[np.int32]
    tick_digests: NDArray[np.uint64]


@dataclass(slots=True)
class _People:
    """The state of everybody: a choice, and stored levels by name."""

    choice: list[int]
    levels: dict[str, list[int]]


def reference_philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, ...]:
    """Return the four words of Philox4x32-10 for a counter and a key."""
    (a, b, c, d), (k, m) = counter, key
    for _ in range(10):
        first, second = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (second >> 32) ^ b ^ k, second & WORD, (first >> 32) ^ d ^ m, first & WORD
        k, m = (k + 0x9E3779B9) & WORD, (m + 0xBB67AE85) & WORD
    return a, b, c, d


def simulate_reference(scenario: Scenario) -> ReferenceRun:
    """Run a scenario persona by persona; use it for small ones only."""
    population, pack = scenario.population, scenario.pack
    ticks, count = scenario.horizon + 1, len(pack.levels)
    shape = (scenario.replicates, ticks, len(population.segments), len(population.regions))
    run = ReferenceRun(
        flows=np.zeros((*shape, len(pack.alternatives)), dtype=np.int32),
        stock=np.zeros((*shape, len(pack.alternatives)), dtype=np.int32),
        states=np.zeros((*shape[:2], len(population)), dtype=np.uint8),
        levels=np.zeros((*shape[:2], count, len(population)), dtype=np.int64),
        level_sums=np.zeros((*shape, count), dtype=np.int64),
        level_bins=np.zeros((*shape, count, BINS), dtype=np.int32),
        tick_digests=np.zeros(shape[:2], dtype=np.uint64),
    )
    for replicate in range(scenario.replicates):
        history = _history(scenario, replicate)
        for tick, (people, entries) in enumerate(history):
            _note(scenario, run, replicate, tick, people, entries)
    return run


def _history(scenario: Scenario, replicate: int) -> Iterator[tuple[_People, list[int | None]]]:
    """Yield the state at each tick, with what each persona entered at it."""
    people = _start(scenario)
    yield people, [None] * len(people.choice)
    world = _World(scenario, replicate)
    for tick in range(1, scenario.horizon + 1):
        world.advance(tick, people)
        new = _People(choice=[], levels={level.name: [] for level in scenario.pack.levels})
        entries: list[int | None] = []
        for persona in range(len(people.choice)):
            tally = _Persona(scenario, world, people, persona, tick, replicate).live()
            new.choice.append(tally.choice)
            entries.append(tally.entered)
            for name, stored in tally.stored.items():
                new.levels[name].append(stored)
        people = new
        yield people, entries


def _start(scenario: Scenario) -> _People:
    population = scenario.population
    levels: dict[str, list[int]] = {}
    for level in scenario.pack.levels:
        given = population.attributes.get(level.name)
        values = [level.default] * len(population) if given is None else given.tolist()
        levels[level.name] = [
            _stored(value, level.per_unit, level.low, level.high) for value in values
        ]
    return _People(choice=[int(choice) for choice in population.choice], levels=levels)


def _stored(value: float, per_unit: int, low: int, high: int) -> int:
    return min(max(math.floor(value * per_unit + 0.5), low), high)


def _note(
    scenario: Scenario,
    run: ReferenceRun,
    replicate: int,
    tick: int,
    people: _People,
    entries: list[int | None],
) -> None:
    for persona, choice in enumerate(people.choice):
        cell = (replicate, tick, *_cell(scenario, persona))
        run.stock[(*cell, choice)] += 1
        entered = entries[persona]
        if entered is not None:
            run.flows[(*cell, entered)] += 1
        for place, level in enumerate(scenario.pack.levels):
            stored = people.levels[level.name][persona]
            run.level_sums[(*cell, place)] += stored
            part = (stored - level.low) * BINS // (level.high - level.low + 1)
            run.level_bins[(*cell, place, part)] += 1
            run.levels[replicate, tick, place, persona] = stored
    run.states[replicate, tick] = people.choice
    run.tick_digests[replicate, tick] = _state_digest(scenario, people)


def _cell(scenario: Scenario, persona: int) -> tuple[int, int]:
    return int(scenario.population.segment[persona]), int(scenario.population.region[persona])


def _mixed(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & WHOLE
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & WHOLE
    return value ^ (value >> 31)


def _state_digest(scenario: Scenario, people: _People) -> int:
    start, total = 0x9E3779B97F4A7C15, 0
    for persona, identity in enumerate(scenario.population.ids.tolist()):
        row = _mixed((((identity << 8) | people.choice[persona]) + start) & WHOLE)
        for level in scenario.pack.levels:
            stored = people.levels[level.name][persona] & WORD
            row = _mixed(((row ^ stored) + start) & WHOLE)
        total += row
    return total & WHOLE


def _words(
    scenario: Scenario, identity: int, tick: int, purpose: int, last: int
) -> tuple[int, ...]:
    key = (scenario.seed & WORD, scenario.seed >> 32)
    return reference_philox((identity, tick, purpose & WORD, last), key)


def _fine(words: tuple[int, ...]) -> float:
    return ((words[0] >> 5) * 2**26 + (words[1] >> 6)) / 2**53


class _World:
    """Variables as the scripts of one replicate leave them, tick after tick."""

    def __init__(self, scenario: Scenario, replicate: int) -> None:
        self.scenario = scenario
        self.start = _start(scenario)
        self.scripts = [
            (position, script)
            for position, script in enumerate(scenario.event_scripts)
            if _occurs(scenario, position, script, replicate)
        ]
        self.begun: dict[int, int] = {}
        self.strengths: dict[int, float] = {}
        self.remembered: dict[tuple[int, str], float] = {}
        self.now: list[dict[str, float]] = []
        self.settle(0, None)

    def advance(self, tick: int, people: _People) -> None:
        self.settle(tick, people)

    def settle(self, tick: int, people: _People | None) -> None:
        for position, script in self.scripts:
            self.strengths[position] = self._strength(position, script, tick, people)
        self.now = [self._variables(persona) for persona in range(len(self.scenario.population))]

    def _strength(
        self, position: int, script: EventScript, tick: int, people: _People | None
    ) -> float:
        condition = script.condition
        if condition is None:
            return _intensity(script, tick, script.scope.start_tick)
        end = script.scope.end_tick
        inside = script.scope.start_tick <= tick and (end is None or tick <= end)
        true = people is not None and inside and self._true(script, condition, people)
        if condition.hold == "while":
            return _intensity(script, tick, script.scope.start_tick) if true else 0.0
        if true:
            self.begun.setdefault(position, tick)
        return _intensity(script, tick, self.begun[position]) if position in self.begun else 0.0

    def _true(self, script: EventScript, condition: Condition, people: _People) -> bool:
        """A condition looks at the segments and regions of the scope."""
        values = [
            self._seen(condition.outcome, people, persona)
            for persona in range(len(people.choice))
            if _in_cells(self.scenario, script, persona)
        ]
        if not values:
            return False
        mean = sum(values) / len(values)
        return {
            "<": mean < condition.value,
            "<=": mean <= condition.value,
            ">": mean > condition.value,
            ">=": mean >= condition.value,
        }[condition.comparison]

    def _seen(self, outcome: str, people: _People, persona: int) -> float:
        pack = self.scenario.pack
        if outcome in pack.alternatives:
            return float(people.choice[persona] == pack.alternatives.index(outcome))
        level = next(level for level in pack.levels if level.name == outcome)
        return people.levels[outcome][persona] / level.per_unit

    def _variables(self, persona: int) -> dict[str, float]:
        """Return every variable as one persona meets it."""
        world: dict[str, float] = {}
        pull: dict[str, float] = {}
        for variable in self.scenario.variables:
            value = variable.default
            if value is None:
                value = float(self.scenario.population.attributes[variable.name][persona])
            for position, script in self.scripts:
                if script.variable == variable.name and _reaches(self.scenario, script, persona):
                    value = _changed(value, script, self.strengths[position])
            value = min(max(value, variable.minimum), variable.maximum)
            if variable.default is not None:
                value = value + pull.get(variable.name, 0.0)
                value = min(max(value, variable.minimum), variable.maximum)
                value = self._inert(persona, variable.name, value, variable.inertia)
                for coupling in variable.couplings:
                    moved = coupling.per_unit * (value - variable.default)
                    pull[coupling.variable] = pull.get(coupling.variable, 0.0) + moved
            world[variable.name] = value
        return world

    def _inert(self, persona: int, name: str, target: float, inertia: float) -> float:
        if inertia == 0:
            return target
        variable = next(item for item in self.scenario.variables if item.name == name)
        last = self.remembered.get((persona, name), variable.default or 0.0)
        value = inertia * last + (1 - inertia) * target
        self.remembered[persona, name] = value
        return value


def _occurs(scenario: Scenario, position: int, script: EventScript, replicate: int) -> bool:
    if script.bundle:
        bundles = [other.bundle for other in scenario.event_scripts]
        position = bundles.index(script.bundle)
    return _fine(_words(scenario, position, 0, 3, replicate)) < script.probability


def _in_cells(scenario: Scenario, script: EventScript, persona: int) -> bool:
    population, scope = scenario.population, script.scope
    segment = population.segments[int(population.segment[persona])]
    region = population.regions[int(population.region[persona])]
    return (not scope.segments or segment in scope.segments) and (
        not scope.regions or region in scope.regions
    )


def _reaches(scenario: Scenario, script: EventScript, persona: int) -> bool:
    population, scope = scenario.population, script.scope
    if not _in_cells(scenario, script, persona):
        return False
    if scope.personas and int(population.ids[persona]) not in scope.personas:
        return False
    for item in scope.where:
        value = float(population.attributes[item.attribute][persona])
        true = {
            "<": value < item.value,
            "<=": value <= item.value,
            ">": value > item.value,
            ">=": value >= item.value,
        }[item.comparison]
        if not true:
            return False
    return True


def _intensity(script: EventScript, tick: int, begun: int) -> float:
    scope, profile = script.scope, script.intensity
    elapsed = tick - begun
    if elapsed < 0 or (scope.end_tick is not None and tick > scope.end_tick):
        return 0.0
    if profile.kind == "instantaneous":
        return float(elapsed == 0)
    if profile.kind == "pulse":
        return float(elapsed < (profile.duration_ticks or 1))
    if profile.kind == "custom":
        return (*profile.values, *[0.0] * (elapsed + 1))[elapsed]
    if profile.kind == "linear_decay":
        return max(0.0, 1 - elapsed / (profile.duration_ticks or 1))
    if profile.kind == "exponential_decay":
        return 0.5 ** (elapsed / (profile.half_life_ticks or 1))
    if profile.kind == "lagged":
        return min(1.0, (elapsed + 1) / (profile.lag_ticks or 1))
    return 1.0


def _changed(value: float, script: EventScript, intensity: float) -> float:
    if intensity == 0:
        return value
    if script.operation == "min":
        return min(value, script.value)
    if script.operation == "max":
        return max(value, script.value)
    target = {
        "set": script.value,
        "add": value + script.value,
        "multiply": value * script.value,
    }[script.operation]
    return value + intensity * (target - value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lived:
    """What a persona is after a tick; entered: the alternative it chose or changed to."""

    choice: int
    stored: dict[str, int]
    entered: int | None


class _Persona:
    """One persona in one tick of one replicate, and what its rules may read."""

    def __init__(
        self,
        scenario: Scenario,
        world: _World,
        people: _People,
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

    def live(self) -> _Lived:
        pack = self.scenario.pack
        gate = pack.gate
        old = self.people.choice[self.persona]
        acts = gate is None or bool(self._call(gate))
        if acts:
            for rule in pack.rules:
                if not rule.gate and (self.scenario.social_rules or not rule.social):
                    self._apply(rule)
        stored = {
            level.name: _stored(self.new[level.name], level.per_unit, level.low, level.high)
            for level in pack.levels
        }
        choosing = any("choice" in rule.writes for rule in pack.rules)
        new = int(self.new["choice"])
        entered = new if acts and choosing and (gate is not None or new != old) else None
        return _Lived(choice=new, stored=stored, entered=entered)

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
            found = read(name, rule, other)
            if found is not None:
                return found
        message = f"{rule.name} reads {name}"
        raise KeyError(message)

    def _plain(self, name: str, rule: Rule | NeighbourFilter, other: int | None) -> object:
        pack, world = self.scenario.pack, self.world.now[self.persona]
        levels = [level.name for level in pack.levels]
        if name in world:
            return world[name]
        if name in pack.constants:
            return pack.constants[name]
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
            return self.world.start.levels[level.name][self.persona] / level.per_unit
        return None

    def _draw(self, name: str, rule: Rule | NeighbourFilter, other: int | None) -> object:
        if not isinstance(rule, Rule) or "draw" not in name:
            return None
        kind, _, number = name.rpartition("_") if name[-1].isdigit() else (name, "", "1")
        place = int(number) - 1
        if kind == "draw" and place == 0:
            block, lane = divmod(self.replicate, 4)
            words = _words(self.scenario, self.identity, self.tick, rule.purpose, block)
            return (words[lane] + 0.5) / 2**32
        coarse = {"draw", "draw_2", "draw_3", "draw_4"} & set(rule.reads())
        step = place + (4 if kind == "fine_draw" and coarse else 0)
        purpose = (rule.purpose + 0x9E3779B9 * step) & WORD
        words = _words(self.scenario, self.identity, self.tick, purpose, self.replicate)
        return _fine(words) if kind == "fine_draw" else (words[0] + 0.5) / 2**32

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
        return None

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
        words = _words(self.scenario, self.identity, self.tick, PEER, self.replicate)
        return self.neighbours[int(_fine(words) * len(self.neighbours))]

    def _partner(self) -> int:
        key = _words(self.scenario, self.tick, self.replicate, PARTNER, 0)[:2]
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
