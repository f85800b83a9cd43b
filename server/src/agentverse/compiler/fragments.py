"""Stretches without an amount: share one with a neighbour, or say that it is missing."""

from dataclasses import dataclass, replace

from agentverse.compiler.items import Item, ItemKind
from agentverse.compiler.segments import Segment

_TARGETS: tuple[ItemKind, ...] = ("alternatives", "families", "parameter", "others")
_MANNERS: tuple[ItemKind, ...] = (
    "quantity",
    "direction",
    "instrument",
    "to",
    "by",
    "at",
    "base",
    "floor",
    "cap",
)


@dataclass(slots=True, kw_only=True)
class Entry:
    segment: Segment
    missing: bool = False
    no_change: bool = False


def attach_fragments(segments: list[Segment]) -> list[Entry]:
    """Return every stretch as a clause, a modifier, or a stretch whose amount is missing."""
    merged = _merge_complements(segments)
    return [_entry(merged, place) for place in range(len(merged))]


def _says_change(segment: Segment) -> bool:
    return bool(segment.amounts) or _switches(segment)


def _switches(segment: Segment) -> bool:
    """A parameter that is "off" or of which there is "no" needs no amount."""
    if not segment.has("parameter"):
        return False
    off = any(item.kind == "direction" and item.text.lower() == "off" for item in segment.items)
    return off or segment.has("off_switch", "negation")


def _merge_complements(segments: list[Segment]) -> list[Segment]:
    """Join "heat pumps, with a rebate of $400": each side says what the other leaves out."""
    merged = list(segments)
    place = 0
    while place + 1 < len(merged):
        left, right = merged[place], merged[place + 1]
        if _complete_each_other(left, right):
            right.items = [*left.items, *right.items]
            right.joint = left.joint
            del merged[place]
            continue
        if _complete_each_other(right, left) and right.joint in ("comma", "break"):
            left.items = [*left.items, *right.items]
            del merged[place + 1]
            continue
        place += 1
    return merged


def _complete_each_other(fragment: Segment, clause: Segment) -> bool:
    if _says_change(fragment) or not _says_change(clause) or fragment.is_modifier:
        return False
    if fragment.has("no_change") or clause.has("no_change"):
        return False
    kinds = {item.kind for item in fragment.meaningful} & {
        *_TARGETS,
        "direction",
        "instrument",
    }
    if not kinds:
        return not fragment.meaningful or all(
            item.kind in ("cost_word", "instrumental", "intro_verb", "to", "by", "affect")
            for item in fragment.meaningful
        )
    taken: set[str] = {item.kind for item in clause.items}
    if "direction" in kinds and "instrument" in taken:
        return False
    return not kinds & taken


def _entry(segments: list[Segment], place: int) -> Entry:
    segment = segments[place]
    if segment.has("no_change"):
        return Entry(segment=segment, no_change=not segment.amounts, missing=bool(segment.amounts))
    if _says_change(segment) or segment.is_modifier:
        return Entry(segment=segment)
    if not segment.meaningful or not segment.has(
        *_TARGETS, "direction", "instrument", "cost_word", "floor", "cap"
    ):
        return Entry(segment=Segment(items=segment.items), no_change=True)
    source = _source(segments, place)
    if source is None:
        return Entry(segment=segment, missing=True)
    return Entry(segment=_completed_by(source, segment))


def _source(segments: list[Segment], place: int) -> Segment | None:
    """Find whose amount a stretch shares: the next one, else the one before."""
    segment = segments[place]
    if not segment.has("alternatives", "families", "parameter"):
        return None
    following = segments[place + 1] if place + 1 < len(segments) else None
    if following and following.joint in ("and", "comma") and _can_complete(following, segment):
        ahead = following.items[0].kind not in ("quantity",)
        if ahead:
            return following
    previous = segments[place - 1] if place else None
    plain = not segment.has("direction", "instrument")
    if previous and plain and segment.joint in ("and", "comma") and _says_change(previous):
        return previous
    return None


def _can_complete(source: Segment, segment: Segment) -> bool:
    if not source.amounts or not source.has("alternatives", "families"):
        return False
    return not (source.has("direction", "instrument") and segment.has("direction", "instrument"))


def _completed_by(source: Segment, segment: Segment) -> Segment:
    own = {item.kind for item in segment.items}
    missing: list[Item] = [
        replace(item) for item in source.items if item.kind in _MANNERS and item.kind not in own
    ]
    return replace(segment, items=[*segment.items, *missing])
