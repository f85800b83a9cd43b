"""Segments → clauses: one amount each, and all that is said about it."""

from dataclasses import dataclass, field, replace

from agentverse.compiler.compilation import Reason
from agentverse.compiler.items import Item, Timing
from agentverse.compiler.relations import Relation
from agentverse.compiler.segments import Segment
from agentverse.compiler.targets import COST_WORDS
from agentverse.compiler.tokenizing import singular


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
    relations: list[Relation] = field(default_factory=list[Relation])
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
    def lean(self) -> int:
        """The direction that words such as "rate cut" or "subsidy" bring along."""
        return next((sign for role, sign in self.relations if role in ("policy", "move")), 0)

    @property
    def is_complement(self) -> bool:
        """What is left is said, as in "contacts fall by half"."""
        roles = {role for role, _ in self.relations}
        return "complement" in roles and ("same" not in roles or bool(self.sign))

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
            _put_parameter(clause, item)
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
    if item.ambiguous:
        message = f'"{item.text}" can mean all of these or only some: name each one.'
        clause.problem = Problem(code="unclear", message=message)
    clause.alternatives, clause.alternatives_text = item.names, item.text
    clause.bare = item.bare


def _put_parameter(clause: Clause, item: Item) -> None:
    clause.parameters += item.names
    clause.relations.append(item.relation)
    if item.ambiguous:
        names = " or ".join(name.replace("_", " ") for name in item.names)
        clause.problem = Problem(
            code="unclear", message=f'"{item.text}" can mean {names}: say which.'
        )


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
    rates |= {"year": "year", "month": "month", "annum": "year", "week": "week", "day": "day"}
    rates |= {"quarter": "quarter", "weekly": "week", "daily": "day", "quarterly": "quarter"}
    per = next((rates[word] for word in sorted(words) if word in rates), "")
    kinds = ("money", "percent", "plain") if segment.has("parameter") else ("money",)
    if not per or item.amount is None or item.amount.kind not in kinds or item.amount.per:
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
