"""What the arguments of a pack's rules become in its kernel's text, and which cannot."""

from collections.abc import Mapping

from agentverse_engine.errors import RuleError
from agentverse_engine.kernels.argument_binding import (
    FINE_DRAWS,
    MEETINGS,
    SHARED_DRAWS,
    WEIGHTED,
    ArgumentBinding,
    families,
    readable,
    resolve,
)
from agentverse_engine.packs.pack import Pack
from agentverse_engine.rules.rule import NeighbourFilter, Rule
from agentverse_engine.scenario.draw_tables import is_drawable

NEIGHBOUR_SUMS = ("counts", "count", "share", "mean_level", *WEIGHTED)
POPULATION = ("population_count", "population_share", "population_mean_level")
ENCOUNTERS = ("peer_choice", "peer_level", *MEETINGS)
FILTERED = ("filter_count", "filter_mean")
# What a filter may look at: the state of the tick before, and what does not change within it.
FILTER_KINDS = (
    *("level", "start_level", "their_level", "choice", "start_choice", "their_choice", "degree"),
    *("tick", "parameter", "parameters", "attribute", "constant", *NEIGHBOUR_SUMS),
    *POPULATION,
)


class Arguments:
    """What the rules and filters of a pack read, resolved once, and how a kernel says it.

    lazy: only whom the gate lets act need look at others. Raises a RuleError for what a rule or
    filter cannot read.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.rules = {
            rule.name: tuple(resolve(pack, rule.name, name) for name in rule.reads())
            for rule in pack.rules
        }
        self.filters = {
            item.name: tuple(resolve(pack, item.name, name) for name in item.reads())
            for item in pack.filters
        }
        _check_filters(pack, self.filters)
        _check_rules(pack, self.rules)
        _check_meanings(pack)
        self.bindings = [
            one for bindings_ in (*self.rules.values(), *self.filters.values()) for one in bindings_
        ]
        self.kinds = {binding.kind for binding in self.bindings}
        self.lazy = pack.gate is not None and not self._looks(pack.gate)

    def _looks(self, rule: Rule) -> bool:
        """Whether a rule looks at others."""
        kinds = {binding.kind for binding in self.rules[rule.name]}
        return bool(kinds & {*NEIGHBOUR_SUMS, *ENCOUNTERS, *FILTERED})

    def columns(self, kind: str) -> list[str]:
        """Return the levels or alternatives that are read in one way, in order of their names."""
        return sorted({binding.column for binding in self.bindings if binding.kind == kind})

    def drawing(self, kind: str) -> list[Rule]:
        """Return the rules that read a kind of draw."""
        return [
            rule
            for rule in self.pack.rules
            if kind in {binding.kind for binding in self.rules[rule.name]}
        ]

    def social_sums(self) -> bool:
        """Whether only social rules look at the neighbours, so that without them nobody does."""
        looking = [
            rule
            for rule in self.pack.rules
            if any(binding.kind in NEIGHBOUR_SUMS for binding in self.rules[rule.name])
        ]
        filters = [one.kind for bindings_ in self.filters.values() for one in bindings_]
        return all(rule.social for rule in looking) and not set(filters) & set(NEIGHBOUR_SUMS)

    def alternative(self, name: str) -> int:
        """Return the code of an alternative."""
        return self.pack.alternatives.index(name)

    def constant(self, name: str) -> int:
        """Return the place of a constant."""
        return list(self.pack.constants).index(name)

    def call(self, rule: Rule) -> str:
        """Return the call of a rule with what it reads."""
        return f"rule_{rule.name}({self._given(self.rules[rule.name], rule)})"

    def filter_call(self, item: NeighbourFilter) -> str:
        """Return the call of a filter with what it reads."""
        return f"filter_{item.name}({self._given(self.filters[item.name])})"

    def _given(self, bindings: tuple[ArgumentBinding, ...], rule: Rule | None = None) -> str:
        return ", ".join(self._expression(binding, rule) for binding in bindings)

    def _expression(self, binding: ArgumentBinding, rule: Rule | None) -> str:
        kind, column = binding.kind, binding.column
        if kind in SHARED_DRAWS and rule is not None:
            return self._batch_draw(rule, SHARED_DRAWS.index(kind))
        if kind in FINE_DRAWS and rule is not None:
            return self._fine_draw(rule, FINE_DRAWS.index(kind))
        if kind in ("parameter", "parameters", "attribute", "constant"):
            return self._table(kind, column)
        if kind in ("filter_count", "filter_mean"):
            return self._filtered(kind, column)
        position = "0" if self.lazy else "lane"
        if kind in ("count", "share"):
            total = f"count_{self.alternative(column)}[{position}]"
            return total if kind == "count" else f"({total} / degree if degree > 0 else 0.0)"
        if kind in ("weighted_share", "population_count", "population_share"):
            return self._of_alternative(kind, self.alternative(column), position)
        if kind.endswith("_level") or kind == "level":
            return self._level(kind, self.pack.level(column), position)
        fixed = {
            "choice": "old_choice",
            "start_choice": "int(start_choice[persona])",
            "peer_choice": "int(choice[peer, lane])",
            "partner_choice": "int(choice[partner, lane])",
            "their_choice": "int(choice[other, lane])",
            "met": "(partner != persona)",
            "tick": "np.int64(tick)",
            "counts": f"counts[{position}]",
        }
        return fixed.get(kind, kind)

    def _batch_draw(self, rule: Rule, number: int) -> str:
        """The first draw is shared out of a block for four replicates; others have their own."""
        if number == 0:
            return f"coarse_uniform(words_{rule.name}[quarter])"
        purpose = f"np.uint64({(rule.purpose + 0x9E3779B9 * number) % 2**32})"
        return f"coarse_uniform(philox(identity, tick, {purpose}, replicate, key_0, key_1)[0])"

    def _fine_draw(self, rule: Rule, number: int) -> str:
        # Other purposes where the rule has coarse draws too: no number is used twice.
        shared = {binding.kind for binding in self.rules[rule.name]} & set(SHARED_DRAWS)
        step_of = number + (4 if shared else 0)
        purpose = f"np.uint64({(rule.purpose + 0x9E3779B9 * step_of) % 2**32})"
        return f"fine_of(philox(identity, tick, {purpose}, replicate, key_0, key_1))"

    def _table(self, kind: str, column: str) -> str:
        pack = self.pack
        if kind == "constant":
            row = "[draw]" if is_drawable(pack, column) else ""
            return f"constants[{self.constant(column)}]{row}"
        if kind == "parameter":
            return f"parameters[pattern, group, {pack.parameters.index(column)}]"
        if kind == "attribute":
            position = pack.attributes.index(column)
            own = f"attributes[persona, columns[{position}]]"
            return f"overlaid({own}, effects[pattern, group, {position}])"
        start = pack.parameters.index(families(pack)[column][0])
        return f"parameters[pattern, group, {start}:{start} + alternatives]"

    def _of_alternative(self, kind: str, code: int, position: str) -> str:
        if kind == "weighted_share":
            return f"(weighed_{code}[{position}] / weight if weight > 0 else 0.0)"
        count = f"population_counts[lane, {code}]"
        return count if kind == "population_count" else f"({count} / population_size)"

    def _filtered(self, kind: str, column: str) -> str:
        if kind == "filter_count":
            return f"passed_{column}"
        name, level = column.split(".", 1)
        position = self.pack.level(level)
        unit = float(self.pack.levels[position].per_unit)
        total = f"sum_{name}_{position}"
        return f"({total} / ({unit!r} * passed_{name}) if passed_{name} > 0 else 0.0)"

    def _level(self, kind: str, level: int, position: str) -> str:
        unit = repr(float(self.pack.levels[level].per_unit))
        if kind == "mean_level":
            return f"(sum_{level}[{position}] / ({unit} * degree) if degree > 0 else 0.0)"
        if kind == "weighted_mean_level":
            total = f"weighed_sum_{level}[{position}]"
            return f"({total} / ({unit} * weight) if weight > 0 else 0.0)"
        if kind == "population_mean_level":
            return f"(population_sums[lane, {level}] / ({unit} * population_size))"
        rows = {"peer_level": "peer", "partner_level": "partner", "their_level": "other"}
        if kind in rows:
            return f"(levels[{level}, {rows[kind]}, lane] / {unit})"
        if kind == "start_level":
            return f"(start_levels[{level}, persona] / {unit})"
        return f"now_{level}" if kind == "level" else f"new_{level}"


def _check_filters(pack: Pack, filters: Mapping[str, tuple[ArgumentBinding, ...]]) -> None:
    for item in pack.filters:
        for name, binding in zip(item.reads(), filters[item.name], strict=True):
            if binding.kind not in FILTER_KINDS:
                raise RuleError(
                    f"reads '{name}', which rules make within a tick.",
                    field=f"{pack.name}.{item.name}",
                    fix="Let it read the state before the tick: levels, choices, variables.",
                )


def _check_rules(pack: Pack, rules: Mapping[str, tuple[ArgumentBinding, ...]]) -> None:
    for rule in pack.rules:
        for name, binding in zip(rule.reads(), rules[rule.name], strict=True):
            if binding.kind in ("their_level", "their_choice"):
                raise RuleError(
                    f"reads '{name}', which only a filter may: it takes neighbours one by one.",
                    field=f"{pack.name}.{rule.name}",
                    fix="Read a mean, a count, a peer or a partner, or write a NeighbourFilter.",
                )
            if rule.gate and binding.kind in ("utilities", "values"):
                raise RuleError(
                    f"reads '{name}', which is worked out only for those whom the gate lets act.",
                    field=f"{pack.name}.{rule.name}",
                    fix="Let the gate read levels, choices, draws or variables.",
                )


def _check_meanings(pack: Pack) -> None:
    """What is read means one thing: a parameter `tick` would hide behind the tick."""
    names = readable(pack)
    for owner in (*pack.rules, *pack.filters):
        for name in owner.reads():
            if names.count(name) > 1:
                raise RuleError(
                    f"reads '{name}', which means more than one thing in this pack.",
                    field=f"{pack.name}.{owner.name}",
                    fix="Rename the variable, level, alternative or filter of this name.",
                )
