"""Items → segments: the stretches between "and", commas and "if", and what kind each one is."""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from agentverse.compiler.items import Item, ItemKind
from agentverse.compiler.lexicon import ASKING, MULTIPLIERS, PURPOSES, SCOPE_NOUNS
from agentverse.compiler.tokenizing import singular

Joint = Literal["start", "and", "comma", "break", "opener"]
CORE: frozenset[ItemKind] = frozenset(
    {"alternatives", "families", "cost_word", "parameter", "direction", "instrument", "quantity",
     "floor", "cap", "off_switch", "others", "base", "respectively", "again"}
)  # fmt: skip
MODIFIERS: frozenset[ItemKind] = frozenset(
    {"time", "regions", "segments", "everyone", "complement", "except", "people",
     "filler", "preposition", "at",
     "from", "to", "by", "instrumental", "intro_verb", "pronoun"}
)  # fmt: skip
SLOTS: frozenset[ItemKind] = frozenset(
    {"alternatives", "families", "regions", "segments", "parameter"}
)


@dataclass(slots=True, kw_only=True)
class Segment:
    """A stretch of items; `question` when it only asks, `condition` when an "if" opens it."""

    items: list[Item] = field(default_factory=list[Item])
    joint: Joint = "start"
    sentence: int = 0
    question: bool = False
    condition: bool = False
    either: bool = False
    opener: str = ""
    heading: bool = False
    # "So that", "in order to": what is wanted, not what is done.
    purpose: bool = False

    def has(self, *kinds: ItemKind) -> bool:
        return any(item.kind in kinds for item in self.items)

    def of(self, *kinds: ItemKind) -> list[Item]:
        return [item for item in self.items if item.kind in kinds]

    @property
    def meaningful(self) -> list[Item]:
        ignored_kinds = ("filler", "preposition", "at", "from", "people", "pronoun", "again")
        return [item for item in self.items if item.kind not in ignored_kinds]

    @property
    def is_modifier(self) -> bool:
        """Only says when or for whom."""
        return not self.has(*CORE) and self.has(
            "time", "regions", "segments", "everyone", "complement", "except"
        )

    @property
    def amounts(self) -> list[Item]:
        return self.of("quantity", "off_switch")

    @property
    def text(self) -> str:
        return " ".join(item.text for item in self.items)

    @property
    def place(self) -> tuple[int, int]:
        return self.items[0].first, self.items[-1].last


def split(items: list[Item]) -> list[Segment]:
    """Cut at conjunctions, pauses, openers and sentence ends; drop what is empty."""
    segments: list[Segment] = []
    current = Segment()
    sentence = 0
    condition = False
    for position, item in enumerate(_soften(_narrow(items))):
        if item.kind == "stop":
            segments.append(current)
            sentence, condition = sentence + 1, False
            current = Segment(sentence=sentence)
        elif item.kind in ("and", "break", "opener", "query"):
            joint = _joint(item, current)
            current.heading = item.note == ":"
            segments.append(current)
            condition = (
                condition
                or (item.kind == "opener" and position > 0)
                or item.text.lower() in ("if", "when", "once")
            )
            current = Segment(joint=joint, sentence=sentence, condition=condition)
            current.opener = item.text.lower() if item.kind == "opener" else ""
            current.either = item.text.lower() == "or"
            current.purpose = item.text.lower() in PURPOSES
            if item.kind == "query":
                current.items.append(item)
                current.question = True
        else:
            current.items.append(item)
    segments.append(current)
    return [segment for segment in segments if segment.items]


def _narrow(items: list[Item]) -> list[Item]:
    """Take "room heaters (gas and electric)" as those of them that the brackets name."""
    narrowed: list[Item] = []
    place = 0
    while place < len(items):
        close = _close_of_list(items, place)
        if close and narrowed and narrowed[-1].kind == "alternatives":
            named = {name for item in items[place:close] for name in item.names}
            both = tuple(name for name in narrowed[-1].names if name in named)
            if both:
                narrowed[-1] = replace(narrowed[-1], names=both, bare=False)
                place = close + 1
                continue
        narrowed.append(items[place])
        place += 1
    return narrowed


def _close_of_list(items: list[Item], at: int) -> int | None:
    """Return where a bracket closes that holds alternatives only."""
    if items[at].note not in ("(", "["):
        return None
    inside = at + 1
    while inside < len(items) and items[inside].note not in (")", "]"):
        comma = items[inside].kind == "break" and items[inside].note == ","
        if items[inside].kind not in ("alternatives", "and", "filler") and not comma:
            return None
        inside += 1
    return inside if inside < len(items) and inside > at + 1 else None


def _joint(item: Item, current: Segment) -> Joint:
    if item.kind == "and":
        return "and"
    if item.kind == "opener":
        return "opener"
    if item.note and item.note in ",":
        return "comma"
    return "break" if current.items or item.kind == "break" else current.joint


def _soften(items: list[Item]) -> list[Item]:
    """Resolve words that play two parts by where they stand."""
    softened: list[Item] = []
    for place, item in enumerate(items):
        following = items[place + 1] if place + 1 < len(items) else None
        before = softened[-1] if softened else None
        if item.kind == "preposition" and item.text.lower() == "for" and _is_money(following):
            item = replace(item, kind="at")
        if item.kind == "to" and not _leads_to_amount(items, place + 1):
            item = replace(item, kind="preposition")
        if (
            item.kind == "than"
            and item.text.lower() == "as"
            and following
            and following.kind == "parameter"
        ):
            item = replace(item, kind="base")
        if item.text.lower() == "sold" and _is_sold_good(softened):
            item = replace(item, kind="filler")
        if item.kind == "unknown" and _is_scope_noun(item, before, items, place):
            item = replace(item, kind="filler")
        if (
            item.kind == "vague"
            and item.text.lower().endswith(" than")
            and not _leads_to_amount(items, place + 1)
        ):
            item = replace(item, kind="than")
        if (
            item.amount
            and item.amount.kind == "plain"
            and any(i.text.lower() in MULTIPLIERS for i in softened)
        ):
            item = replace(item, amount=replace(item.amount, kind="factor"))
        if _is_signed(item, softened):
            softened.pop()
            item = replace(item, amount=replace(item.amount, sign=1) if item.amount else None)
        if _is_all_but(item, before, following):
            item = replace(item, kind="except")
        if item.kind == "and" and before is not None and before.kind == "opener":
            item = replace(item, kind="filler")
        softened.append(item)
    return softened


def _is_sold_good(before: list[Item]) -> bool:
    """Tell "a $300 bonus per heat pump sold" from "heat pumps sold rise"."""
    paid = any(_is_money(item) for item in before) and any(i.kind == "instrument" for i in before)
    return paid and before[-1].kind == "alternatives"


def _is_signed(item: Item, before: list[Item]) -> bool:
    """Tell the sign of "plus 12 %" from the "plus" between two changes."""
    joined = bool(before) and before[-1].text.lower() == "plus"
    return joined and item.amount is not None and not any(i.amount for i in before)


def _is_all_but(item: Item, before: Item | None, following: Item | None) -> bool:
    """Tell "all systems but heat pumps" from "but" between two changes."""
    if item.text.lower() != "but" or before is None or following is None:
        return False
    everything = before.text.lower().startswith(("all ", "every", "any "))
    return everything and before.kind == following.kind == "alternatives"


def _is_scope_noun(item: Item, before: Item | None, items: list[Item], place: int) -> bool:
    """ "Region" counts only beside a region that is known, else it would hide a limit."""
    after = items[place + 1] if place + 1 < len(items) else None
    beside = [near for near in (before, after) if near and near.kind in ("regions", "segments")]
    return singular(item.text.lower()) in SCOPE_NOUNS and bool(beside)


def _leads_to_amount(items: list[Item], at: int) -> bool:
    """Tell "to $500" from "to install"."""
    rest = (item for item in items[at : at + 4] if item.kind not in ("filler", "vague"))
    following = next(rest, None)
    return following is not None and following.kind == "quantity"


def _is_money(item: Item | None) -> bool:
    return item is not None and item.amount is not None and item.amount.kind == "money"


def mark_questions(segments: list[Segment], question_words: frozenset[str]) -> None:
    """Mark the stretches that ask about outcomes; they hold no change."""
    asking, sentence = False, -1
    _mark_preambles(segments)
    for segment in segments:
        if segment.sentence != sentence or segment.joint == "opener":
            asking, sentence = False, segment.sentence
        first = _first_word(segment)
        if segment.joint != "opener" and first in question_words:
            asking = True
        if _is_change(segment):
            asking = asking and segment.has("affect")
            if asking:
                _cut_question(segment)
            asking = False
            continue
        segment.question = segment.question or (asking and not segment.is_modifier)
        if asking and segment.joint == "start":
            segment.question = True


def _mark_preambles(segments: list[Segment]) -> None:
    """Mark "my boss wants to know" before "what happens if"."""
    for segment, following in pairwise(segments):
        words = set(segment.text.lower().split())
        says_nothing = not segment.has("quantity", "direction", "regions", "segments", "time")
        if following.joint == "opener" and says_nothing and words & ASKING:
            segment.question = True


def _first_word(segment: Segment) -> str:
    words = segment.text.lower().split()
    leads = words[0] in ("by", "in", "to", "for", "at", "with", "from") and len(words) > 1
    return words[1] if leads and words[1] in ("how", "what", "which") else words[0]


def _is_change(segment: Segment) -> bool:
    return bool(segment.amounts) or (
        segment.has("floor", "cap") and segment.has("cost_word", "families")
    )


def _cut_question(segment: Segment) -> None:
    """Of "how does a 30 % rebate affect shares" keep the rebate."""
    places = [i for i, item in enumerate(segment.items) if item.kind == "affect"]
    if places and any(item.kind == "quantity" for item in segment.items[: places[0]]):
        segment.items = segment.items[: places[0]]


def merge_lists(segments: list[Segment]) -> list[Segment]:
    """Join "heat pumps and room heaters", "to install and run": one slot said twice."""
    merged = list(segments)
    place = 0
    while place < len(merged):
        if _is_prefix(merged, place):
            _join(merged, place)
            continue
        if _is_suffix(merged, place):
            _join(merged, place - 1)
            continue
        place += 1
    return merged


def _edge(segment: Segment, last: bool) -> ItemKind | None:
    items = segment.meaningful
    return items[-1 if last else 0].kind if items else None


def _can_join(left: Segment, right: Segment) -> bool:
    if right.joint not in ("and", "comma") or left.sentence != right.sentence:
        return False
    if left.question or right.question:
        return False
    kind = _edge(left, last=True)
    return kind in SLOTS and kind == _edge(right, last=False)


def _is_prefix(segments: list[Segment], place: int) -> bool:
    """The stretch has no amount of its own and only its last slot is continued by the next one."""
    if place + 1 >= len(segments):
        return False
    left, right = segments[place], segments[place + 1]
    if not _can_join(left, right) or left.amounts or left.has("unknown", "negation", "outcome"):
        return False
    kind = _edge(left, last=True)
    slots = [item.kind for item in left.meaningful]
    if kind is None or slots.count(kind) != 1:
        return False
    return _fits(left, right, kind)


def _fits(left: Segment, right: Segment, kind: ItemKind | None) -> bool:
    """Nothing but the shared slot is said on both sides, so the two do not pair up."""
    for other in ("alternatives", "families", "direction", "instrument", "parameter"):
        if other != kind and left.has(other) and right.has(other):
            return False
    return True


def _is_suffix(segments: list[Segment], place: int) -> bool:
    if place == 0:
        return False
    left, right = segments[place - 1], segments[place]
    if not _can_join(left, right) or right.amounts or right.has("unknown", "negation", "outcome"):
        return False
    if right.has("direction", "instrument"):
        return False
    kind = _edge(right, last=False)
    return all(item.kind == kind or item.kind in MODIFIERS for item in right.meaningful)


def _join(segments: list[Segment], place: int) -> None:
    left, right = segments[place], segments[place + 1]
    last = max(i for i, item in enumerate(left.items) if item.kind == _edge(left, last=True))
    first = min(i for i, item in enumerate(right.items) if item.kind == _edge(right, last=False))
    a, b = left.items[last], right.items[first]
    names = tuple(dict.fromkeys((*a.names, *b.names)))
    union = replace(
        a, last=b.last, text=f"{a.text} and {b.text}", names=names, bare=a.bare and b.bare,
        ambiguous=a.ambiguous or b.ambiguous or (right.joint == "comma" and _cross(a, b)),
    )  # fmt: skip
    if right.either and a.kind == "parameter":
        left.either = True
    left.items = [
        *left.items[:last],
        *left.items[last + 1 :],
        *right.items[:first],
        union,
        *right.items[first + 1 :],
    ]
    del segments[place + 1]


def _cross(left: Item, right: Item) -> bool:
    """ "Gas systems, central and room" narrows the first by the second, or adds to it."""
    both = set(left.names) & set(right.names)
    return bool(both) and both not in (set(left.names), set(right.names))


def pair_respectively(segments: list[Segment]) -> list[Segment]:
    """Read "A and B 30 % and 10 % cheaper respectively" as two stretches."""
    if not any(segment.has("respectively") for segment in segments):
        return segments
    items = [item for segment in segments if not segment.question for item in segment.items]
    targets = [item for item in items if item.kind == "alternatives"]
    amounts = [item for item in items if item.kind == "quantity"]
    if len(targets) != len(amounts) or len({segment.sentence for segment in segments}) > 1:
        return segments
    kept = [i for i in items if i.kind not in ("alternatives", "quantity", "respectively")]
    return [
        Segment(
            items=sorted([*kept, target, amount], key=lambda item: item.first),
            joint="and",
            sentence=segments[0].sentence,
        )
        for target, amount in zip(targets, amounts, strict=True)
    ]
