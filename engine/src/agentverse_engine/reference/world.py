"""What the scripts of a scenario make of its variables, applied one after the other."""

from agentverse_engine.inputs.events import Comparison, Condition, EventScript
from agentverse_engine.reference.draws import drawn_words, fine_draw_of
from agentverse_engine.reference.people import People, remembered_at_start
from agentverse_engine.scenario.scenario import Scenario


class World:
    """Variables as the scripts of one replicate leave them, tick after tick."""

    def __init__(self, scenario: Scenario, replicate: int) -> None:
        self.scenario = scenario
        self.drawn = {
            name: float(values[replicate]) for name, values in scenario.draws.parameters.items()
        }
        self.remembered_levels = remembered_at_start(scenario)
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

    def advance(self, tick: int, people: People) -> None:
        self.settle(tick, people)

    def settle(self, tick: int, people: People | None) -> None:
        for position, script in self.scripts:
            self.strengths[position] = self._strength(position, script, tick, people)
        self.now = [self._variables(persona) for persona in range(len(self.scenario.population))]

    def _strength(
        self, position: int, script: EventScript, tick: int, people: People | None
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

    def _true(self, script: EventScript, condition: Condition, people: People) -> bool:
        """A condition looks at the segments and regions of the scope."""
        values = [
            self._seen(condition.outcome, people, persona)
            for persona in range(len(people.choice))
            if _in_cells(self.scenario, script, persona)
        ]
        if not values:
            return False
        return _holds(sum(values) / len(values), condition.comparison, condition.value)

    def _seen(self, outcome: str, people: People, persona: int) -> float:
        pack = self.scenario.pack
        if outcome in pack.alternatives:
            return float(people.choice[persona] == pack.alternatives.index(outcome))
        level = next(level for level in pack.levels if level.name == outcome)
        return people.levels[outcome][persona] / level.per_unit

    def _variables(self, persona: int) -> dict[str, float]:
        """Return the value of every variable for one persona."""
        world: dict[str, float] = {}
        pull: dict[str, float] = {}
        for variable in self.scenario.variables:
            base = value = self.drawn.get(variable.name, variable.default)
            if value is None:
                value = float(self.scenario.population.attributes[variable.name][persona])
            for position, script in self.scripts:
                if script.variable == variable.name and _reaches(self.scenario, script, persona):
                    value = _changed(value, script, self.strengths[position])
            value = min(max(value, variable.minimum), variable.maximum)
            if base is not None:
                value = value + pull.get(variable.name, 0.0)
                value = min(max(value, variable.minimum), variable.maximum)
                value = self._inert(persona, variable.name, value, variable.inertia)
                for coupling in variable.couplings:
                    moved = coupling.per_unit * (value - base)
                    pull[coupling.variable] = pull.get(coupling.variable, 0.0) + moved
            world[variable.name] = value
        return world

    def _inert(self, persona: int, name: str, target: float, inertia: float) -> float:
        if inertia == 0:
            return target
        variable = next(item for item in self.scenario.variables if item.name == name)
        start = self.drawn.get(name, variable.default or 0.0)
        last = self.remembered.get((persona, name), start)
        value = inertia * last + (1 - inertia) * target
        self.remembered[persona, name] = value
        return value


def _occurs(scenario: Scenario, position: int, script: EventScript, replicate: int) -> bool:
    if script.bundle:
        bundles = [other.bundle for other in scenario.event_scripts]
        position = bundles.index(script.bundle)
    return fine_draw_of(drawn_words(scenario, position, 0, 3, replicate)) < script.probability


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
        if not _holds(value, item.comparison, item.value):
            return False
    return True


def _holds(value: float, comparison: Comparison, bound: float) -> bool:
    return {
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
    }[comparison]


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
