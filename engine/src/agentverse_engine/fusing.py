"""A pack's rules fused into one kernel: source text made of the pack, compiled once, cached.

The loop is generated, so that a rule is only its behaviour; the rules themselves are compiled as
they stand and inlined. Text and cache depend on the pack's shape and code, never on its numbers.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from agentverse_engine import rng, step
from agentverse_engine.compiled import compiled_text, inlined
from agentverse_engine.errors import RuleError
from agentverse_engine.packs.pack import Level, Pack
from agentverse_engine.reading import FINE_DRAWS, LANE_DRAWS, Reading, families, readable, resolve
from agentverse_engine.rules.rule import Rule

ARGUMENTS = (
    "first",
    "last",
    "tick",
    "key_0",
    "key_1",
    "first_replicate",
    "social",
    "ids",
    "groups",
    "cell_of",
    "attributes",
    "columns",
    "start_choice",
    "start_levels",
    "indptr",
    "indices",
    "effects",
    "parameters",
    "pattern_of",
    "constants",
    "choice",
    "next_choice",
    "levels",
    "next_levels",
    "flows",
    "stock_change",
    "digest_change",
    "level_sums",
    "level_bins",
    "fault",
)
NEIGHBOUR_SUMS = ("counts", "count", "share", "mean_level")
ENCOUNTERS = ("peer_choice", "peer_level", "partner_choice", "partner_level", "met")
FILTERED = ("filter_count", "filter_mean")
INDENT = "    "
EACH = "for alternative in range(alternatives):"
# What a filter may look at: the state of the tick before, and what does not change within it.
FILTER_KINDS = (
    *("level", "start_level", "their_level", "choice", "start_choice", "their_choice", "degree"),
    *("tick", "parameter", "parameters", "attribute", "constant", *NEIGHBOUR_SUMS),
)


@dataclass(slots=True)
class _Text:
    """Lines with an indentation that goes up and down."""

    lines: list[str] = field(default_factory=list[str])
    depth: int = 0

    def add(self, *lines: str) -> None:
        self.lines += [INDENT * self.depth + line for line in lines]

    def indent(self, line: str) -> None:
        self.add(line)
        self.depth += 1

    def dedent(self, levels: int = 1) -> None:
        self.depth -= levels


_kernels: dict[tuple[object, ...], Callable[..., None]] = {}


def fused(pack: Pack) -> Callable[..., None]:
    """Return the kernel of a pack, called with ARGUMENTS; built once per process and pack shape.

    It reads rows of `choice` uint8[n, R] and `levels` int32[K, n, R] and writes rows first …
    last-1 of `next_choice` and `next_levels`; adds to flows and stock_change int32[R, cells, J],
    digest_change uint64[R], level_sums int64[R, cells, K], level_bins int32[R, cells, K, BINS].
    A level that is no number stops it, with fault int64[3] = (level + 1, row, replicate); so does
    a choice that is no alternative, with -1.
    """
    functions = tuple(item.plain for item in (*pack.rules, *pack.filters))
    text = kernel_text(pack)
    key = (text, functions, tuple(rule.purpose for rule in pack.rules))
    if key not in _kernels:
        _kernels[key] = compiled_text(text, name="tick", scope=_scope(pack), functions=functions)
    return _kernels[key]


def kernel_text(pack: Pack) -> str:
    """Return the Python source of a pack's kernel."""
    return _Fusion(pack).text()


def _scope(pack: Pack) -> dict[str, object]:
    """Return what the kernel's names mean."""
    scope: dict[str, object] = {"np": np, "math": math}
    for name in ("row_hash", "level_hash", "overlaid", "write_values", "stored_level"):
        scope[name] = getattr(step, name)
    scope |= {"level_bin": step.level_bin, "partner_of": step.partner_of}
    scope |= {"philox": rng.philox, "fine_uniform": rng.fine_uniform, "fine_of": rng.fine_of}
    scope |= {"coarse_uniform": rng.coarse_uniform, "PEER": rng.PEER}
    for rule in pack.rules:
        scope[f"rule_{rule.name}"] = inlined(rule.plain)
        scope[f"PURPOSE_{rule.name}"] = np.uint64(rule.purpose)
    for item in pack.filters:
        scope[f"filter_{item.name}"] = inlined(item.plain)
    return scope


class _Fusion:
    """The text of one pack's kernel, part by part."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.out = _Text()
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
        readings = [
            one for found in (*self.rules.values(), *self.filters.values()) for one in found
        ]
        self.kinds = {reading.kind for reading in readings}
        self.readings = readings
        self.means = _columns(readings, "mean_level")
        self.counted = _columns(readings, "count") | _columns(readings, "share")
        self.lazy = pack.gate is not None and not self._gate_looks(pack.gate)

    def _gate_looks(self, gate: Rule) -> bool:
        """Whether the gate itself looks at others; if not, only whom it lets act need look."""
        kinds = {reading.kind for reading in self.rules[gate.name]}
        return bool(kinds & {*NEIGHBOUR_SUMS, *ENCOUNTERS, *FILTERED})

    def text(self) -> str:
        out = self.out
        out.indent(f"def tick({', '.join(ARGUMENTS)}):")
        self._scratch()
        out.indent("for persona in range(first, last):")
        self._persona()
        out.indent("for lane in range(replicates):")
        self._replicate()
        return "\n".join(out.lines) + "\n"

    # ---- once per call, per persona -----------------------------------------------------------

    def _scratch(self) -> None:
        out, pack = self.out, self.pack
        # Sizes are read at run time: packs of one shape share one kernel.
        out.add("replicates = choice.shape[1]", "alternatives = flows.shape[2]")
        if pack.model is not None:
            shape = f"(constants[{self._constant('coefficients')}].size, alternatives)"
            out.add(f"values = np.empty({shape})")
        if "utilities" in self.kinds:
            out.add("utilities = np.zeros(alternatives)", "plain = np.zeros(alternatives)")
        rows = "1" if self.lazy else "replicates"
        if "counts" in self.kinds:
            out.add(f"counts = np.zeros(({rows}, alternatives), dtype=np.int64)")
        for name in sorted(self.counted):
            out.add(f"count_{self._alternative(name)} = np.zeros({rows}, dtype=np.int64)")
        for name in sorted(self.means):
            out.add(f"sum_{pack.level(name)} = np.zeros({rows}, dtype=np.int64)")

    def _persona(self) -> None:
        out = self.out
        out.add(
            "identity = np.uint64(ids[persona])",
            "group = groups[persona]",
            "cell = cell_of[group]",
            "begin = indptr[persona]",
            "end = indptr[persona + 1]",
            "degree = end - begin",
            "known = -1",
        )
        if not self.lazy:
            self._neighbour_sums("for lane in range(replicates):", "lane")
        for rule in self._rules_with(LANE_DRAWS[0]):
            out.add(f"words_{rule.name} = {self._lane_words(rule)}")

    def _lane_words(self, rule: Rule) -> str:
        block = "np.uint64((first_replicate + lane) // 4)"
        if self.out.depth == 2:
            block = "np.uint64(first_replicate // 4)"
        return f"philox(identity, tick, PURPOSE_{rule.name}, {block}, key_0, key_1)"

    def _neighbour_sums(self, loop: str, place: str) -> None:
        """One pass over the neighbours serves all replicates; their sums are of integers."""
        out = self.out
        names = [f"count_{self._alternative(name)}" for name in sorted(self.counted)]
        names += [f"sum_{self.pack.level(name)}" for name in sorted(self.means)]
        names += ["counts"] if "counts" in self.kinds else []
        if not names:
            return
        if self._social_sums():
            out.indent("if social:")
        out.add(*(f"{name}[:] = 0" for name in names))
        out.indent("for position in range(begin, end):")
        out.add("other = indices[position]")
        if loop:
            out.indent(loop)
        for name in sorted(self.counted):
            code = self._alternative(name)
            out.add(f"count_{code}[{place}] += choice[other, lane] == {code}")
        for name in sorted(self.means):
            level = self.pack.level(name)
            out.add(f"sum_{level}[{place}] += levels[{level}, other, lane]")
        if "counts" in self.kinds:
            out.add(f"counts[{place}, choice[other, lane]] += 1")
        out.dedent((2 if loop else 1) + self._social_sums())

    def _social_sums(self) -> bool:
        """Whether only social rules look at the neighbours, so that without them nobody does."""
        looking = [
            rule
            for rule in self.pack.rules
            if any(reading.kind in NEIGHBOUR_SUMS for reading in self.rules[rule.name])
        ]
        filters = [one.kind for found in self.filters.values() for one in found]
        return all(rule.social for rule in looking) and not set(filters) & set(NEIGHBOUR_SUMS)

    # ---- once per persona and replicate -------------------------------------------------------

    def _replicate(self) -> None:
        out, pack = self.out, self.pack
        out.add("replicate = np.uint64(first_replicate + lane)", "pattern = pattern_of[lane]")
        out.add("old_choice = int(choice[persona, lane])", "new_choice = old_choice")
        self._refresh_lanes()
        for level, item in enumerate(pack.levels):
            out.add(f"stored_{level} = levels[{level}, persona, lane]")
            out.add(f"now_{level} = stored_{level} / {float(item.per_unit)!r}")
            out.add(f"new_{level} = now_{level}")
        if not self.lazy:
            self._others()
        if pack.gate is not None:
            out.indent(f"if {self._call(pack.gate)}:")
        if self.lazy:
            self._neighbour_sums("", "0")
            self._others()
        self._hoisted()
        for rule in self._later_rules():
            self._apply(rule)
        self._note_choice()
        if pack.gate is not None:
            out.dedent()
        self._store()

    def _refresh_lanes(self) -> None:
        """Four replicates share the words of one Philox block."""
        out = self.out
        drawing = self._rules_with(LANE_DRAWS[0])
        if not drawing:
            return
        out.add("quarter = (first_replicate + lane) % 4")
        out.indent("if quarter == 0 and lane > 0:")
        out.add(*(f"words_{rule.name} = {self._lane_words(rule)}" for rule in drawing))
        out.dedent()

    def _others(self) -> None:
        self._encounters()
        self._filters()

    def _encounters(self) -> None:
        out = self.out
        if self.kinds & {"peer_choice", "peer_level"}:
            out.add(
                "words = philox(identity, tick, PEER, replicate, key_0, key_1)",
                "peer = persona",
                "if degree > 0: peer = indices[begin + int(fine_uniform(words[0], words[1])"
                " * degree)]",
            )
        if self.kinds & {"partner_choice", "partner_level", "met"}:
            out.add(
                "partner = partner_of(persona, tick, replicate, indptr, indices, ids, key_0, key_1)"
            )

    def _filters(self) -> None:
        out = self.out
        for item in self.pack.filters:
            sums = sorted(
                reading.column.split(".", 1)[1]
                for reading in self.readings
                if reading.kind == "filter_mean" and reading.column.startswith(f"{item.name}.")
            )
            levels = sorted({self.pack.level(name) for name in sums})
            out.add(f"passed_{item.name} = 0")
            out.add(*(f"sum_{item.name}_{level} = np.int64(0)" for level in levels))
            out.indent("for position in range(begin, end):")
            out.add("other = indices[position]")
            out.indent(f"if filter_{item.name}({self._given(self.filters[item.name], item.name)}):")
            out.add(f"passed_{item.name} += 1")
            out.add(
                *(f"sum_{item.name}_{level} += levels[{level}, other, lane]" for level in levels)
            )
            out.dedent(2)

    def _hoisted(self) -> None:
        """What replicates of one pattern share is worked out once for all of them."""
        out = self.out
        rules = self._hoistable()
        if rules or self.pack.model is not None:
            self._once_per_pattern(rules)
        if "utilities" in self.kinds:
            fill = "plain[alternative]" if rules else "0.0"
            out.add(EACH, f"{INDENT}utilities[alternative] = {fill}")

    def _once_per_pattern(self, rules: list[Rule]) -> None:
        out = self.out
        out.indent("if pattern != known:")
        out.add("known = pattern")
        if self.pack.model is not None:
            out.add("write_values(attributes[persona], columns, effects[pattern, group], values)")
        if rules:
            out.add(EACH, f"{INDENT}utilities[alternative] = 0.0")
            for rule in rules:
                self._apply(rule)
            out.add(EACH, f"{INDENT}plain[alternative] = utilities[alternative]")
        out.dedent()

    def _hoistable(self) -> list[Rule]:
        found: list[Rule] = []
        for rule in self.pack.rules:
            if rule.gate:
                continue
            readings = self.rules[rule.name]
            if rule.writes or not all(reading.state_free for reading in readings):
                break
            if "utilities" not in {reading.kind for reading in readings}:
                break
            found.append(rule)
        return found

    def _later_rules(self) -> list[Rule]:
        early = {rule.name for rule in self._hoistable()}
        return [rule for rule in self.pack.rules if not rule.gate and rule.name not in early]

    def _apply(self, rule: Rule) -> None:
        out = self.out
        if rule.social:
            out.indent("if social:")
        names = [
            "new_choice" if name == "choice" else f"new_{self.pack.level(name)}"
            for name in rule.writes
        ]
        call = self._call(rule)
        out.add(f"{', '.join(names)} = {call}" if names else call)
        if rule.social:
            out.dedent()

    def _note_choice(self) -> None:
        """Behind a gate every choice is a flow, without one only a change is."""
        out, pack = self.out, self.pack
        if not any("choice" in rule.writes for rule in pack.rules):
            return
        out.indent("if not 0 <= new_choice < alternatives:")
        out.add("fault[0] = -1", "fault[1] = persona", "fault[2] = lane", "return")
        out.dedent()
        if pack.gate is None:
            out.indent("if new_choice != old_choice:")
        out.add(
            "flows[lane, cell, new_choice] += 1",
            "stock_change[lane, cell, old_choice] -= 1",
            "stock_change[lane, cell, new_choice] += 1",
        )
        if not pack.levels:
            out.add(
                "digest_change[lane] += row_hash(identity, np.uint64(new_choice))"
                " - row_hash(identity, np.uint64(old_choice))"
            )
        if pack.gate is None:
            out.dedent()

    def _store(self) -> None:
        out, pack = self.out, self.pack
        out.add("next_choice[persona, lane] = new_choice")
        if not pack.levels:
            return
        out.add("row = row_hash(identity, np.uint64(new_choice))")
        for level, item in enumerate(pack.levels):
            self._store_level(level, item)
        out.add("digest_change[lane] += row")

    def _store_level(self, level: int, item: Level) -> None:
        out = self.out
        if any(item.name in rule.writes for rule in self.pack.rules):
            out.indent(f"if not (new_{level} == new_{level}):")
            out.add(f"fault[0] = {level + 1}", "fault[1] = persona", "fault[2] = lane", "return")
            out.dedent()
            out.add(
                f"stored_{level} = stored_level(new_{level}, {float(item.per_unit)!r}, "
                f"{item.low}, {item.high})"
            )
        out.add(
            f"next_levels[{level}, persona, lane] = stored_{level}",
            f"row = level_hash(row, stored_{level})",
            f"level_sums[lane, cell, {level}] += stored_{level}",
            f"level_bins[lane, cell, {level}, level_bin(stored_{level}, {item.low}, {item.high})]"
            " += 1",
        )

    # ---- arguments ----------------------------------------------------------------------------

    def _call(self, rule: Rule) -> str:
        return f"rule_{rule.name}({self._given(self.rules[rule.name], rule.name, rule)})"

    def _given(self, readings: tuple[Reading, ...], owner: str, rule: Rule | None = None) -> str:
        return ", ".join(self._expression(reading, owner, rule) for reading in readings)

    def _expression(self, reading: Reading, owner: str, rule: Rule | None) -> str:
        kind, column = reading.kind, reading.column
        if kind in LANE_DRAWS and rule is not None:
            return self._lane_draw(rule, LANE_DRAWS.index(kind))
        if kind in FINE_DRAWS and rule is not None:
            return self._fine_draw(rule, FINE_DRAWS.index(kind))
        if kind in ("parameter", "parameters", "attribute", "constant"):
            return self._table(kind, column)
        if kind in ("filter_count", "filter_mean"):
            return self._filtered(kind, column)
        place = "0" if self.lazy else "lane"
        if kind in ("count", "share"):
            total = f"count_{self._alternative(column)}[{place}]"
            return total if kind == "count" else f"({total} / degree if degree > 0 else 0.0)"
        if kind.endswith("_level") or kind == "level":
            return self._level(kind, self.pack.level(column), place)
        fixed = {
            "choice": "old_choice",
            "start_choice": "int(start_choice[persona])",
            "peer_choice": "int(choice[peer, lane])",
            "partner_choice": "int(choice[partner, lane])",
            "their_choice": "int(choice[other, lane])",
            "met": "(partner != persona)",
            "tick": "np.int64(tick)",
            "counts": f"counts[{place}]",
        }
        return fixed.get(kind, kind)

    def _lane_draw(self, rule: Rule, number: int) -> str:
        """The first draw is shared out of a block for four replicates; others have their own."""
        if number == 0:
            return f"coarse_uniform(words_{rule.name}[quarter])"
        purpose = f"np.uint64({(rule.purpose + 0x9E3779B9 * number) % 2**32})"
        return f"coarse_uniform(philox(identity, tick, {purpose}, replicate, key_0, key_1)[0])"

    def _fine_draw(self, rule: Rule, number: int) -> str:
        # Other purposes where the rule has coarse draws too: no number is used twice.
        shared = {reading.kind for reading in self.rules[rule.name]} & set(LANE_DRAWS)
        step_of = number + (4 if shared else 0)
        purpose = f"np.uint64({(rule.purpose + 0x9E3779B9 * step_of) % 2**32})"
        return f"fine_of(philox(identity, tick, {purpose}, replicate, key_0, key_1))"

    def _table(self, kind: str, column: str) -> str:
        pack = self.pack
        if kind == "constant":
            return f"constants[{self._constant(column)}]"
        if kind == "parameter":
            return f"parameters[pattern, group, {pack.parameters.index(column)}]"
        if kind == "attribute":
            place = pack.attributes.index(column)
            return (
                f"overlaid(attributes[persona, columns[{place}]], effects[pattern, group, {place}])"
            )
        start = pack.parameters.index(families(pack)[column][0])
        return f"parameters[pattern, group, {start}:{start} + alternatives]"

    def _filtered(self, kind: str, column: str) -> str:
        if kind == "filter_count":
            return f"passed_{column}"
        name, level = column.split(".", 1)
        place = self.pack.level(level)
        unit = float(self.pack.levels[place].per_unit)
        total = f"sum_{name}_{place}"
        return f"({total} / ({unit!r} * passed_{name}) if passed_{name} > 0 else 0.0)"

    def _level(self, kind: str, level: int, place: str) -> str:
        unit = repr(float(self.pack.levels[level].per_unit))
        if kind == "mean_level":
            return f"(sum_{level}[{place}] / ({unit} * degree) if degree > 0 else 0.0)"
        rows = {"peer_level": "peer", "partner_level": "partner", "their_level": "other"}
        if kind in rows:
            return f"(levels[{level}, {rows[kind]}, lane] / {unit})"
        if kind == "start_level":
            return f"(start_levels[{level}, persona] / {unit})"
        return f"now_{level}" if kind == "level" else f"new_{level}"

    def _alternative(self, name: str) -> int:
        return self.pack.alternatives.index(name)

    def _constant(self, name: str) -> int:
        return list(self.pack.constants).index(name)

    def _rules_with(self, kind: str) -> list[Rule]:
        return list(self._drawing(kind))

    def _drawing(self, kind: str) -> Iterator[Rule]:
        for rule in self.pack.rules:
            if kind in {reading.kind for reading in self.rules[rule.name]}:
                yield rule


def _check_filters(pack: Pack, filters: Mapping[str, tuple[Reading, ...]]) -> None:
    for item in pack.filters:
        for name, reading in zip(item.reads(), filters[item.name], strict=True):
            if reading.kind not in FILTER_KINDS:
                raise RuleError(
                    f"reads '{name}', which rules make within a tick.",
                    field=f"{pack.name}.{item.name}",
                    fix="Let it read the state before the tick: levels, choices, variables.",
                )


def _check_rules(pack: Pack, rules: Mapping[str, tuple[Reading, ...]]) -> None:
    for rule in pack.rules:
        for name, reading in zip(rule.reads(), rules[rule.name], strict=True):
            if reading.kind in ("their_level", "their_choice"):
                raise RuleError(
                    f"reads '{name}', which only a filter may: it takes neighbours one by one.",
                    field=f"{pack.name}.{rule.name}",
                    fix="Read a mean, a count, a peer or a partner, or write a NeighbourFilter.",
                )
            if rule.gate and reading.kind in ("utilities", "values"):
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


def _columns(readings: list[Reading], kind: str) -> set[str]:
    return {reading.column for reading in readings if reading.kind == kind}
