"""Words that take an alternative away: "ban boats", "the pier closes", "the Greens drop out"."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from agentverse.compiler.items import Item, ItemKind
from agentverse.compiler.segments import Segment
from agentverse.compiler.tokenizing import singular, word_list
from agentverse.compiler.vocabulary import Vocabulary
from agentverse_engine.packs.availability_variables import FAMILY

# Of all words that negate, those that say by themselves that something is taken away.
_TAKES_AWAY = frozenset(
    word_list(
        """ban banned remove removed removing abolish abolished abolishing scrap scrapped
    eliminate eliminated withdraw withdrawn forbid forbidden get cancel cancelled canceled"""
    )
)
_NONE_LEFT = frozenset({"no", "without"})
_AROUND: frozenset[ItemKind] = frozenset(
    {"filler", "preposition", "people", "time", "regions", "segments", "everyone", "at", "except"}
)
_NAMES_ONLY: frozenset[ItemKind] = frozenset({"alternatives", "filler"})


def read_removals(segments: list[Segment], vocabulary: Vocabulary) -> list[Segment]:
    """Segments that only take alternatives away become their availability being switched off."""
    if vocabulary.attribute(FAMILY, next(iter(vocabulary.alternatives), "")) is None:
        return segments
    read = list(segments)
    place = 0
    while place < len(read):
        if _takes_away(read[place]):
            place = _join_names(read, place)
            read[place] = _switched_off(read[place], vocabulary)
        place += 1
    return read


def _takes_away(segment: Segment) -> bool:
    words = [item for item in segment.items if _is_removing(item)]
    kinds = _AROUND | {"alternatives"}
    others = [item for item in segment.items if item.kind not in kinds and item not in words]
    named = _named_once(segment)
    silent = not segment.has("alternatives") and _is_plain(words[0]) if words else False
    return len(words) == 1 and not others and (named or silent)


def _named_once(segment: Segment) -> bool:
    """ "The left closes in on the centre", "ban charter boats": of two names in one part nobody can
    tell which is taken away; a list has one in each part."""
    excepting = [item.first for item in segment.items if item.kind == "except"]
    first = min(excepting, default=None)
    names = [item for item in segment.of("alternatives") if first is None or item.first < first]
    return len(names) == 1


def _is_plain(word: Item) -> bool:
    """ "The pier and the beach close": the names may stand in the part before."""
    return not _is_none(word)


def _is_removing(item: Item) -> bool:
    if item.kind in ("removal", "off_switch"):
        return not item.names
    return item.kind == "negation" and (
        singular(item.text.lower().split()[0]) in _TAKES_AWAY or _is_none(item)
    )


def _is_none(item: Item) -> bool:
    return item.text.lower() in _NONE_LEFT


def _join_names(segments: list[Segment], place: int) -> int:
    """Take in the names before and after that only a list divides from this part."""
    while place + 1 < len(segments) and _continues(segments[place], segments[place + 1]):
        following = segments.pop(place + 1)
        segments[place].items += following.items
        segments[place].either = segments[place].either or following.either
    while place and _continues(segments[place - 1], segments[place], names_first=True):
        before = segments.pop(place - 1)
        place -= 1
        own = segments[place]
        own.items = [*before.items, *own.items]
        own.joint, own.opener, own.condition = before.joint, before.opener, before.condition
    return place


def _continues(left: Segment, right: Segment, *, names_first: bool = False) -> bool:
    names = left if names_first else right
    only_names = {item.kind for item in names.items} <= _NAMES_ONLY and _named_once(names)
    listed = right.joint in ("and", "comma") and left.sentence == right.sentence
    return only_names and listed and not (left.question or right.question)


def _switched_off(segment: Segment, vocabulary: Vocabulary) -> Segment:
    removing = next(item for item in segment.items if _is_removing(item))
    named = _named(segment.items, vocabulary)
    stands_alone = not _is_none(removing) or _follows(segment.items, removing)
    if not named or not stands_alone:
        return segment
    kept = [item for item in segment.items if item.kind not in ("alternatives", "except")]
    if any(item.kind == "except" for item in segment.items):
        kept = [item for item in kept if item.kind not in ("regions", "segments")]
        if len(kept) < len([i for i in segment.items if i.kind not in ("alternatives", "except")]):
            return segment  # an exception of groups, which the words for groups read
    names = tuple(f"{FAMILY}.{name}" for name in named)
    off = replace(removing, kind="off_switch", names=names)
    items = [off if item is removing else item for item in kept]
    return replace(segment, items=items)


def _follows(items: Sequence[Item], removing: Item) -> bool:
    """ "No boats", "without boats": the name follows at once."""
    spoken = [item for item in items if item.kind != "filler"]
    return any(a is removing and b.kind == "alternatives" for a, b in pairwise(spoken))


def _named(items: Sequence[Item], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Of the project's alternatives those that are taken away; none where words can mean two."""
    named, kept, excepting = set[str](), set[str](), False
    for item in items:
        excepting = excepting or item.kind == "except"
        if item.kind == "alternatives":
            if item.ambiguous:
                return ()
            (kept if excepting else named).update(item.names)
    return tuple(name for name in vocabulary.alternatives if name in named - kept)
