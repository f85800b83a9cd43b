"""Segments → clauses: one amount each, with what the neighbours share filled in."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

from agentverse.universe.compiler.compilation import Reason
from agentverse.universe.compiler.items import Item, Timing
from agentverse.universe.compiler.segments import Segment
from agentverse.universe.compiler.targets import COST_WORDS
from agentverse.universe.compiler.tokenizing import singular


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    code: Reason
    message: str


@dataclass(slots=True, kw_only=True)
class Clause:
    """One amount and all that is said about it; None or empty where the words are silent."""

    segment: Segment
    amount: Item | None = None
    alternatives: tuple[str, ...] = ()
    alternatives_text: str = ""
    bare: bool = False
    families: tuple[str, ...] = ()
    family_given: bool = False
    cost_word: bool = False
    every_cost: bool = False
    parameters: tuple[str, ...] = ()
    directions: list[Item] = field(default_factory=list[Item])
    instrument: Item | None = None
    timings: list[Timing] = field(default_factory=list[Timing])
    regions: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    excluded_regions: tuple[str, ...] = ()
    excluded_segments: tuple[str, ...] = ()
    everyone: bool = False
    complement: str = ""
    scope_after: bool = False
    others: bool = False
    again: bool = False
    problem: Problem | None = None
    assumptions: list[str] = field(default_factory=list[str])

    @property
    def sign(self) -> int:
        signs = {item.sign for item in self.directions}
        return signs.pop() if len(signs) == 1 else 0

    @property
    def has_scope(self) -> bool:
        return bool(
            self.regions or self.segments or self.excluded_regions or self.excluded_segments
            or self.everyone or self.complement
        )  # fmt: skip

    def has(self, *kinds: str) -> bool:
        return any(item.kind in kinds for item in self.segment.items)


def read_clause(segment: Segment) -> Clause:
    """Sort the items of a segment into the slots of a clause."""
    clause = Clause(segment=segment)
    excluding = False
    for place, item in enumerate(segment.items):
        if item.kind == "except":
            excluding = True
            _include_all(clause, item)
        elif item.kind in ("direction", "quantity", "instrument", "time"):
            excluding = False
        _put(clause, item, excluding)
        _note_every_cost(clause, segment, place)
    _choose_amount(clause)
    return clause


def _include_all(clause: Clause, item: Item) -> None:
    clause.everyone = clause.everyone or item.text.lower().startswith(
        ("everyone", "everybody", "everywhere")
    )


def _put(clause: Clause, item: Item, excluding: bool) -> None:
    match item.kind:
        case "alternatives":
            _put_alternatives(clause, item, excluding)
        case "families":
            _put_families(clause, item)
        case "parameter":
            clause.parameters += item.names
        case "cost_word":
            clause.cost_word = True
        case "direction":
            clause.directions.append(item)
        case "instrument":
            _put_instrument(clause, item)
        case "time" if item.timing:
            clause.timings.append(item.timing)
        case "regions" if excluding:
            clause.excluded_regions += item.names
        case "regions":
            clause.regions += item.names
        case "segments" if excluding:
            clause.excluded_segments += item.names
        case "segments":
            clause.segments += item.names
        case "everyone":
            clause.everyone = True
        case "complement":
            clause.complement = item.text.lower()
        case "quantity" | "off_switch" if item.names:
            clause.parameters += item.names
            if item.note:
                clause.assumptions.append(item.note)
        case "others":
            clause.others = True
        case "again":
            clause.again = True
        case _:
            pass


def _put_alternatives(clause: Clause, item: Item, excluding: bool) -> None:
    if excluding:
        clause.excluded += item.names
        return
    if clause.alternatives and set(clause.alternatives) != set(item.names):
        clause.problem = Problem(
            code="unclear",
            message=f'"{clause.alternatives_text}" and "{item.text}" stand in one part: '
            'say each change on its own, joined by "and".',
        )
        return
    clause.alternatives, clause.alternatives_text = item.names, item.text
    clause.bare = item.bare


def _put_families(clause: Clause, item: Item) -> None:
    if clause.families and set(clause.families) != set(item.names):
        clause.problem = Problem(
            code="unclear",
            message="Two kinds of cost stand in one part: say each change on its own.",
        )
        return
    clause.families, clause.family_given = item.names, True


def _put_instrument(clause: Clause, item: Item) -> None:
    if clause.instrument and clause.instrument.sign != item.sign:
        clause.problem = Problem(
            code="direction_conflict",
            message="A subsidy and a tax stand in one part: say each change on its own.",
        )
    clause.instrument = clause.instrument or item


def _note_every_cost(clause: Clause, segment: Segment, place: int) -> None:
    item = segment.items[place]
    if item.kind == "cost_word" and place and item.text.lower() in ("costs", "prices", "expenses"):
        before = segment.items[place - 1].text.lower().split()
        clause.every_cost = clause.every_cost or bool({"all", "both"} & set(before))


def _choose_amount(clause: Clause) -> None:
    amounts = clause.segment.amounts
    if len(amounts) == 2 and _is_from_to(clause.segment, amounts):
        clause.assumptions.append(f'took the new value in "from {amounts[0].text}" as given')
        amounts = amounts[1:]
    if len(amounts) > 1:
        clause.problem = Problem(
            code="unclear",
            message=f'There are two amounts ("{amounts[0].text}", "{amounts[1].text}") in one '
            'part: join the changes by "and".',
        )
    if amounts:
        clause.amount = _with_rate(clause.segment, amounts[0])


def _with_rate(segment: Segment, item: Item) -> Item:
    """Read "a yearly fee of $60" as $60 per year."""
    words = {recurring.text.lower().split()[-1] for recurring in segment.of("recurring")}
    rates = {"yearly": "year", "annual": "year", "annually": "year", "monthly": "month"}
    rates |= {"year": "year", "month": "month", "annum": "year"}
    per = next((rates[word] for word in sorted(words) if word in rates), "")
    if not per or item.amount is None or item.amount.kind != "money" or item.amount.per:
        return item
    return replace(item, amount=replace(item.amount, per=per))


def _is_from_to(segment: Segment, amounts: list[Item]) -> bool:
    before = {
        following.first: item.kind
        for item, following in zip(segment.items, segment.items[1:], strict=False)
    }
    if any(item.amount is None or item.amount.kind != "money" for item in amounts):
        return False
    return before.get(amounts[0].first) == "from" and before.get(amounts[1].first) == "to"


def share(clauses: list[Clause], leading: list[Clause], every: tuple[str, ...]) -> None:
    """Fill what a clause leaves out from its neighbours in the same sentence."""
    _find_complements(clauses)
    _share_directions(clauses)
    _share_targets(clauses)
    _resolve_others(clauses, every)
    _share_scope(clauses, leading)


def _share_directions(clauses: list[Clause]) -> None:
    for place, clause in enumerate(clauses):
        if clause.directions or clause.instrument or _is_absolute(clause):
            continue
        previous = next(
            (c for c in reversed(clauses[:place]) if c.directions or c.instrument), None
        )
        following = next((c for c in clauses[place + 1 :] if c.directions or c.instrument), None)
        source = previous or following
        if source is None:
            _share_value(clause, clauses[:place])
            continue
        clause.directions = list(source.directions)
        if not clause.families and not clause.cost_word:
            clause.instrument = source.instrument
        elif source.instrument and not source.directions:
            clause.directions = [replace(source.instrument, kind="direction", manner="noun")]
        if source is following and not clause.families:
            clause.families, clause.cost_word = source.families, source.cost_word


def _share_value(clause: Clause, before: list[Clause]) -> None:
    """Read the second half of "costs $1000 to buy and $150 a year to run" as a value too."""
    if before and before[-1].cost_word and says_value(before[-1]) and clause.families:
        clause.cost_word = True


def _is_absolute(clause: Clause) -> bool:
    """Says a new value or a factor, and so needs no direction."""
    amount = clause.amount.amount if clause.amount else None
    if amount is None or clause.has("off_switch", "floor", "cap", "base"):
        return True
    if amount.sign or amount.kind == "factor":
        return True
    if clause.has("to") or (amount.kind != "percent" and says_value(clause)):
        return True
    return bool(clause.parameters) and amount.kind == "plain"


def says_value(clause: Clause) -> bool:
    """Whether words such as "costs", "at", "is" make the amount the new value."""
    if clause.amount and clause.amount.note == "free":
        return True
    if _is_offered_at(clause):
        return True
    if clause.has("by") or clause.has("intro_verb") or _is_paid_by_others(clause):
        return False
    if any(
        i.kind == "preposition" and i.text.lower().startswith("toward")
        for i in clause.segment.items
    ):
        return False
    return clause.cost_word or clause.has("at") or _ends_in_cost(clause)


def _is_offered_at(clause: Clause) -> bool:
    """ "Offer heat pumps at $800" says a price; "the offer is $800" may be a subsidy."""
    return clause.has("intro_verb") and any(
        item.kind == "at" and item.text.lower() in ("at", "for", "for only", "for just")
        for item in clause.segment.items
    )


def _is_paid_by_others(clause: Clause) -> bool:
    """ "We pay $900 per heat pump" is no price; "households pay $900 for one" is."""
    words = clause.segment.text.lower().split()
    pays = {"pay", "paid", "paying", "pays"} & set(words)
    return bool(pays) and bool({"we", "per", "i", "government", "state"} & set(words))


def _ends_in_cost(clause: Clause) -> bool:
    return any(
        singular(word) in COST_WORDS or word in ("bill", "bills")
        for item in clause.segment.items
        if item.kind == "families"
        for word in item.text.lower().split()
    )


def _share_targets(clauses: list[Clause]) -> None:
    for place, clause in enumerate(clauses):
        if clause.parameters:
            continue
        if not clause.alternatives and not clause.excluded and not clause.others:
            source = _nearest_with(clauses, place)
            if source:
                clause.alternatives, clause.bare = source.alternatives, source.bare
                clause.excluded = clause.excluded or source.excluded
        if not clause.families and not clause.cost_word and not clause.instrument:
            _inherit_family(clause, clauses[:place])


def _nearest_with(clauses: list[Clause], place: int) -> Clause | None:
    before = [c for c in reversed(clauses[:place]) if c.alternatives or c.excluded]
    after = [c for c in clauses[place + 1 :] if c.alternatives or c.excluded]
    return next(iter(before + after), None)


def _inherit_family(clause: Clause, before: list[Clause]) -> None:
    source = next((c for c in reversed(before) if c.families or c.cost_word), None)
    if source is None or source.parameters:
        return
    own = any(item.money for item in clause.directions if item in clause.segment.items)
    clause.families, clause.cost_word = source.families, source.cost_word
    clause.every_cost = source.every_cost
    if own and source.families and clause.segment.text:
        clause.assumptions.append(
            f'read "{clause.segment.text}" as the same kind of cost as before it'
        )


def _resolve_others(clauses: list[Clause], every: tuple[str, ...]) -> None:
    for place, clause in enumerate(clauses):
        if not clause.others:
            continue
        named = {name for c in [*clauses[:place], *clauses[place + 1 :]] for name in c.alternatives}
        if clause.alternatives and not clause.excluded:
            clause.alternatives = tuple(n for n in clause.alternatives if n not in named)
        elif named:
            clause.alternatives = tuple(name for name in every if name not in named)
        if not clause.alternatives or not named:
            clause.problem = Problem(
                code="alternative_missing", message='Say which ones "the others" are.'
            )


def _find_complements(clauses: list[Clause]) -> None:
    """Read "for the rest" after a region or a segment as the rest of them."""
    for place, clause in enumerate(clauses):
        scoped = any(c.regions or c.segments for c in clauses[:place])
        if clause.others and scoped and _names_people(clause):
            clause.others, clause.complement = False, "the rest"


def _names_people(clause: Clause) -> bool:
    """Tell "for the rest" of the people from "for the other systems"."""
    items = [item for item in clause.segment.items if item.kind != "filler"]
    whole = ("the rest", "others", "the others")
    return any(
        left.kind == "preposition" and right.kind == "others" and right.text.lower() in whole
        for left, right in pairwise(items)
    )


def _share_scope(clauses: list[Clause], leading: list[Clause]) -> None:
    for clause in leading:
        for target in clauses:
            if not target.timings:
                target.timings = list(clause.timings)
            _copy_scope(clause, target)
    _share_timings(clauses)
    _resolve_complements(clauses)
    _share_groups(clauses)


def _share_timings(clauses: list[Clause]) -> None:
    given = [clause.timings for clause in clauses if clause.timings]
    silent = [clause for clause in clauses if not clause.timings]
    if not given or not silent:
        return
    single = all(timings == given[0] for timings in given)
    for clause in silent:
        place = clauses.index(clause)
        before = [c.timings for c in clauses[:place] if c.timings]
        source = given[0] if single else (before[-1] if before else None)
        if source:
            clause.timings = list(source)
            clause.assumptions.append(f'read the time as meant for "{clause.segment.text}" too')


def _share_groups(clauses: list[Clause]) -> None:
    given = [c for c in clauses if c.has_scope and (not c.again or c.scope_after)]
    silent = [clause for clause in clauses if not clause.has_scope]
    if not given or not silent:
        return
    single = all(_groups(clause) == _groups(given[0]) for clause in given)
    for clause in silent:
        before = [c for c in clauses[: clauses.index(clause)] if c.has_scope and c in given]
        source = given[0] if single else (before[-1] if before else None)
        if source:
            _copy_scope(source, clause)
            clause.assumptions.append(
                f'read the region or segment as meant for "{clause.segment.text}" too'
            )


def _resolve_complements(clauses: list[Clause]) -> None:
    """Read "everyone else" as the regions or segments that the sentence has not named."""
    for place, clause in enumerate(clauses):
        if not clause.complement:
            continue
        before = clauses[:place]
        regions = tuple(dict.fromkeys(name for c in before for name in c.regions))
        segments = tuple(dict.fromkeys(name for c in before for name in c.segments))
        if _means_places(clause.complement):
            segments = ()
        if bool(regions) == bool(segments):
            clause.problem = Problem(
                code="scope_unknown",
                message=f'Say which regions or segments "{clause.complement}" is.',
            )
        clause.excluded_regions, clause.excluded_segments = regions, segments


def _means_places(text: str) -> bool:
    return any(word in text for word in ("region", "elsewhere", "where", "area", "place"))


def _groups(clause: Clause) -> tuple[tuple[str, ...], ...]:
    return clause.regions, clause.segments, clause.excluded_regions, clause.excluded_segments


def _copy_scope(source: Clause, target: Clause) -> None:
    if target.everyone:
        return
    if not target.regions and not target.excluded_regions:
        target.regions, target.excluded_regions = source.regions, source.excluded_regions
    if not target.segments and not target.excluded_segments:
        target.segments, target.excluded_segments = source.segments, source.excluded_segments
