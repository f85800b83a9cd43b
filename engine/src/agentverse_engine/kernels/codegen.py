"""The text of a pack's kernel: a loop over personas and replicates around the pack's rules."""

from dataclasses import dataclass, field

from agentverse_engine.kernels.argument_binding import SHARED_DRAWS
from agentverse_engine.kernels.kernel_arguments import Arguments
from agentverse_engine.packs.pack import Level, Pack
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
    "weights",
    "effects",
    "parameters",
    "pattern_of",
    "population_counts",
    "population_sums",
    "population_size",
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
INDENT = "    "
EACH = "for alternative in range(alternatives):"


@dataclass(slots=True)
class _Text:
    """Source lines with a current indentation."""

    lines: list[str] = field(default_factory=list[str])
    depth: int = 0

    def add(self, *lines: str) -> None:
        self.lines += [INDENT * self.depth + line for line in lines]

    def indent(self, line: str) -> None:
        self.add(line)
        self.depth += 1

    def dedent(self, levels: int = 1) -> None:
        self.depth -= levels


def kernel_text(pack: Pack) -> str:
    """Return the Python source of a pack's kernel, a function of ARGUMENTS.

    Raises a RuleError for what a rule or filter cannot read.
    """
    return _KernelText(pack).text()


class _KernelText:
    """The text of one pack's kernel, part by part."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.arguments = Arguments(pack)
        self.kinds = self.arguments.kinds
        self.lazy = self.arguments.lazy
        self.means = self.arguments.columns("mean_level")
        self.counted = sorted({*self.arguments.columns("count"), *self.arguments.columns("share")})
        self.weighed_means = self.arguments.columns("weighted_mean_level")
        self.weighed = self.arguments.columns("weighted_share")
        self.out = _Text()

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
            coefficients = f"constants[{self.arguments.constant('coefficients')}]"
            out.add(f"values = np.empty(({coefficients}.shape[1], alternatives))")
            out.add(f"drawn = np.int64({coefficients}.shape[0] > 1)")  # a row for each replicate
        if "utilities" in self.kinds:
            out.add("utilities = np.zeros(alternatives)", "plain = np.zeros(alternatives)")
        rows = "1" if self.lazy else "replicates"
        if "counts" in self.kinds:
            out.add(f"counts = np.zeros(({rows}, alternatives), dtype=np.int64)")
        for name in self.counted:
            out.add(f"count_{self.arguments.alternative(name)} = np.zeros({rows}, dtype=np.int64)")
        for name in self.means:
            out.add(f"sum_{pack.level(name)} = np.zeros({rows}, dtype=np.int64)")
        for name in self._weighed_names():
            out.add(f"{name} = np.zeros({rows}, dtype=np.int64)")
        if self._weighed_names():
            out.add("weight = np.int64(0)")

    def _persona(self) -> None:
        out = self.out
        out.add(
            "identity = np.uint64(ids[persona])",
            "group = groups[persona]",
            "cell = cell_of[group]",
            "begin = indptr[persona]",
            "end = indptr[persona + 1]",
            "degree = end - begin",
            "current_pattern = -1",
        )
        if self.pack.model is not None:
            out.add("current_draw = -1")
        if not self.lazy:
            self._neighbour_sums("for lane in range(replicates):", "lane")
        for rule in self.arguments.drawing(SHARED_DRAWS[0]):
            out.add(f"words_{rule.name} = {self._batch_words(rule)}")

    def _batch_words(self, rule: Rule) -> str:
        block = "np.uint64((first_replicate + lane) // 4)"
        if self.out.depth == 2:
            block = "np.uint64(first_replicate // 4)"
        return f"philox(identity, tick, PURPOSE_{rule.name}, {block}, key_0, key_1)"

    def _neighbour_sums(self, loop: str, position: str) -> None:
        """One pass over the neighbours serves all replicates; their sums are of integers."""
        out = self.out
        names = [f"count_{self.arguments.alternative(name)}" for name in self.counted]
        names += [f"sum_{self.pack.level(name)}" for name in self.means]
        names += ["counts"] if "counts" in self.kinds else []
        names += self._weighed_names()
        if not names:
            return
        if self.arguments.social_sums():
            out.indent("if social:")
        out.add(*(f"{name}[:] = 0" for name in names))
        if self._weighed_names():
            out.add("weight = np.int64(0)")
        out.indent("for position in range(begin, end):")
        out.add("other = indices[position]")
        if self._weighed_names():
            out.add("link = np.int64(weights[position])", "weight += link")
        if loop:
            out.indent(loop)
        for name in self.counted:
            code = self.arguments.alternative(name)
            out.add(f"count_{code}[{position}] += choice[other, lane] == {code}")
        for name in self.means:
            level = self.pack.level(name)
            out.add(f"sum_{level}[{position}] += levels[{level}, other, lane]")
        for name in self.weighed:
            code = self.arguments.alternative(name)
            out.add(f"weighed_{code}[{position}] += link * (choice[other, lane] == {code})")
        for name in self.weighed_means:
            level = self.pack.level(name)
            out.add(f"weighed_sum_{level}[{position}] += link * levels[{level}, other, lane]")
        if "counts" in self.kinds:
            out.add(f"counts[{position}, choice[other, lane]] += 1")
        out.dedent((2 if loop else 1) + self.arguments.social_sums())

    def _weighed_names(self) -> list[str]:
        shares = [f"weighed_{self.arguments.alternative(name)}" for name in self.weighed]
        return shares + [f"weighed_sum_{self.pack.level(name)}" for name in self.weighed_means]

    # ---- once per persona and replicate -------------------------------------------------------

    def _replicate(self) -> None:
        out, pack = self.out, self.pack
        out.add("replicate = np.uint64(first_replicate + lane)", "pattern = pattern_of[lane]")
        if pack.model is not None:
            out.add("draw = drawn * (first_replicate + lane)")
        out.add("old_choice = int(choice[persona, lane])", "new_choice = old_choice")
        self._refresh_batch_words()
        for level, item in enumerate(pack.levels):
            out.add(f"stored_{level} = levels[{level}, persona, lane]")
            out.add(f"now_{level} = stored_{level} / {float(item.per_unit)!r}")
            out.add(f"new_{level} = now_{level}")
        if not self.lazy:
            self._others()
        if pack.gate is not None:
            out.indent(f"if {self.arguments.call(pack.gate)}:")
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

    def _refresh_batch_words(self) -> None:
        """Four replicates share the words of one Philox block."""
        out = self.out
        drawing = self.arguments.drawing(SHARED_DRAWS[0])
        if not drawing:
            return
        out.add("quarter = (first_replicate + lane) % 4")
        out.indent("if quarter == 0 and lane > 0:")
        out.add(*(f"words_{rule.name} = {self._batch_words(rule)}" for rule in drawing))
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
                binding.column.split(".", 1)[1]
                for binding in self.arguments.bindings
                if binding.kind == "filter_mean" and binding.column.startswith(f"{item.name}.")
            )
            levels = sorted({self.pack.level(name) for name in sums})
            out.add(f"passed_{item.name} = 0")
            out.add(*(f"sum_{item.name}_{level} = np.int64(0)" for level in levels))
            out.indent("for position in range(begin, end):")
            out.add("other = indices[position]")
            out.indent(f"if {self.arguments.filter_call(item)}:")
            out.add(f"passed_{item.name} += 1")
            out.add(
                *(f"sum_{item.name}_{level} += levels[{level}, other, lane]" for level in levels)
            )
            out.dedent(2)

    def _hoisted(self) -> None:
        """What replicates of one pattern and one draw share is worked out once for all of them."""
        out = self.out
        rules = self._hoistable()
        if self.pack.model is not None:
            out.indent("if pattern != current_pattern:")
            out.add("current_pattern = pattern", "current_draw = -1")
            out.add("write_values(attributes[persona], columns, effects[pattern, group], values)")
            out.dedent()
        if rules:
            self._shared_utilities(rules)
        elif "utilities" in self.kinds:
            out.add(EACH, f"{INDENT}utilities[alternative] = 0.0")

    def _shared_utilities(self, rules: list[Rule]) -> None:
        out = self.out
        key, last = ("pattern", "current_pattern")
        if self.pack.model is not None:
            key, last = ("draw", "current_draw")
        out.indent(f"if {key} != {last}:")
        out.add(f"{last} = {key}")
        out.add(EACH, f"{INDENT}utilities[alternative] = 0.0")
        for rule in rules:
            self._apply(rule)
        out.add(EACH, f"{INDENT}plain[alternative] = utilities[alternative]")
        out.dedent()
        out.indent("else:")
        out.add(EACH, f"{INDENT}utilities[alternative] = plain[alternative]")
        out.dedent()

    def _hoistable(self) -> list[Rule]:
        hoistable: list[Rule] = []
        for rule in self.pack.rules:
            if rule.gate:
                continue
            bindings = self.arguments.rules[rule.name]
            if rule.writes or not all(binding.state_free for binding in bindings):
                break
            if "utilities" not in {binding.kind for binding in bindings}:
                break
            hoistable.append(rule)
        return hoistable

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
        call = self.arguments.call(rule)
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
