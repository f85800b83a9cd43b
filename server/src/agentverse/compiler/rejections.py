"""Words that forbid a stretch to become a script: unknown, negated, vague, outcome."""

from itertools import pairwise

from agentverse.compiler.clauses import Problem
from agentverse.compiler.items import Item
from agentverse.compiler.segments import Segment
from agentverse.compiler.targets import TargetIndex
from agentverse.compiler.tokenizing import singular

_SCOPE_STARTS = (
    "preposition",
    "except",
    "people",
    "everyone",
    "complement",
    "time",
    "regions",
    "segments",
    "instrumental",
)


def find_rejection(segment: Segment, index: TargetIndex) -> Problem | None:
    """Return why a stretch may not be read, or None."""
    if segment.has("no_change") and not segment.has("than"):
        return None
    _drop_reasons(segment)
    for finder in (
        _negated,
        _unknown,
        _outcome,
        _vague,
        _compared,
        _recurring,
        _respective,
        _tangled,
        _of_others,
        _wanted,
        _asks_whether,
        _briefly,
    ):
        problem = finder(segment, index)
        if problem:
            return problem
    return None


def _drop_reasons(segment: Segment) -> None:
    """Drop a mere reason: "thanks to mass production" limits nothing."""
    items = segment.items
    for place, item in enumerate(items):
        if item.kind != "instrumental" or item.text.lower() == "with":
            continue
        end = place + 1
        while end < len(items) and items[end].kind in ("unknown", "filler"):
            end += 1
        named = any(i.kind == "unknown" for i in items[place + 1 : end])
        if named and (end == len(items) or items[end].kind in ("alternatives", "families")):
            segment.items = [*items[:place], *items[end:]] or items[:1]
            return


def _unknown(segment: Segment, index: TargetIndex) -> Problem | None:
    unknown = [item for item in segment.items if item.kind == "unknown"]
    if not unknown:
        return None
    words = " ".join(item.text for item in unknown)
    if _limits(segment, unknown[0]):
        names = [
            term[0]
            for term in (*index.vocabulary.regions.values(), *index.vocabulary.segments.values())
        ]
        return Problem(
            code="scope_unknown",
            message=f'"{words}" is no region or segment here. Known: {", ".join(names)}.',
        )
    return Problem(
        code="unknown_words",
        message=f'"{words}" is not known in this project. Say it with its own variables.',
    )


def _limits(segment: Segment, unknown: Item) -> bool:
    before = [
        item for item in segment.items if item.last <= unknown.first and item.kind != "filler"
    ]
    kinds = [item.kind for item in before]
    return kinds[-1:] in (["preposition"], ["except"]) or kinds[-2:] == ["preposition", "people"]


def is_modifier_like(segment: Segment) -> bool:
    """Whether a rejected stretch without an amount limits the rest of its sentence."""
    plain = all(item.amount and item.amount.kind == "plain" for item in segment.amounts)
    if not plain or segment.has("direction", "instrument", "alternatives", "families"):
        return False
    first = next((item for item in segment.items if item.kind != "filler"), None)
    return first is not None and first.kind in _SCOPE_STARTS


_CONDITIONS = (
    "if", "when", "once", "provided", "providing", "in case", "in the case", "in the event",
    "given", "as soon as", "as long as", "so long as", "only", "on condition",
    "on the condition",
    "assuming", "under the assumption", "on the assumption", "unless", "should",
)  # fmt: skip
_HANGS = frozenset(
    {"subject", "depending", "conditional", "contingent", "pending", "unless", "provided"}
    | {"providing", "assuming", "only", "should", "as", "so", "until", "whenever"}
)
_TITLES = frozenset(
    {"deal", "sale", "promo", "promotion", "pricing", "shock", "idea", "offer", "proposal"}
    | {"plan", "policy", "question", "campaign", "case", "option", "scenario", "test"}
)
_POLITE = frozenset(
    {"if", "possible", "ok", "okay", "please", "that", "that's", "thats", "is", "it", "it's"}
    | {"can", "you", "i", "may", "fine", "could", "at", "all", "like", "want", "would", "any"}
)


_AUXILIARIES = frozenset({"did", "does", "do", "will", "has", "have"})
_FACTS = _AUXILIARIES | {"why"}
_STATES = frozenset({"is", "are", "was", "were"})
_NAMES = frozenset({"parameter", "alternatives", "families", "cost_word"})
_BRIEF = frozenset({"temporarily", "temporary"})
_RIVALS = frozenset({"competitor", "rival", "competition"})


def is_condition(segment: Segment) -> bool:
    """Whether a stretch says on what the rest of its sentence hangs."""
    words = segment.text.lower().split()
    opened = segment.opener.startswith(_CONDITIONS)
    return opened or (not segment.amounts and bool(words) and words[0] in _HANGS)


def is_strict(segment: Segment) -> bool:
    """ "Provided that" and "only if" open nothing but conditions; "if" may open the change."""
    return segment.opener.startswith(
        (
            "only",
            "provided",
            "providing",
            "on condition",
            "on the condition",
            "as long as",
            "so long as",
        )
    )


def is_title(segment: Segment) -> bool:
    """Tell "Flash sale: …" from "Pensioners: …", which would limit what follows."""
    last = segment.text.lower().split()[-1]
    return last in _TITLES and not segment.has("alternatives", "quantity", "regions", "segments")


def is_polite(segment: Segment) -> bool:
    return set(segment.text.lower().split()) <= _POLITE


def _negated(segment: Segment, index: TargetIndex) -> Problem | None:
    negations = segment.of("negation", "removal")
    if not negations or _switches_off(segment):
        return None
    return Problem(
        code="negated",
        message=f'"{negations[0].text}" takes something away: say what changes, and by how much.',
    )


def _switches_off(segment: Segment) -> bool:
    """ "No conformity" and "without conformity" switch a parameter off."""
    if segment.amounts or not segment.has("parameter") or len(segment.of("negation")) != 1:
        return False
    items = segment.meaningful
    for left, right in pairwise(items):
        if left.kind == "negation" and right.kind == "parameter":
            return left.text.lower() in ("no", "without", "not", "no longer")
    return False


def _outcome(segment: Segment, index: TargetIndex) -> Problem | None:
    outcomes = segment.of("outcome")
    if not outcomes:
        return None
    return Problem(
        code="outcome",
        message=f'"{outcomes[0].text}" is an outcome, which the run computes: say what changes it.',
    )


def _vague(segment: Segment, index: TargetIndex) -> Problem | None:
    vague = segment.of("vague")
    if not vague:
        return None
    code = "amount_vague" if segment.has("direction", "instrument", "quantity") else "unknown_words"
    return Problem(
        code=code, message=f'"{vague[0].text}" is no amount: say how much, such as "by 10 %".'
    )


def _compared(segment: Segment, index: TargetIndex) -> Problem | None:
    if not segment.has("than"):
        return None
    return Problem(
        code="comparison",
        message="A change is counted from today's own value, not from another's: say by how much.",
    )


def _recurring(segment: Segment, index: TargetIndex) -> Problem | None:
    repeated = [item for item in segment.of("recurring") if not _is_rate(segment, item)]
    own = segment.has("parameter") and not segment.has("direction", "again")
    if not repeated or own:
        return None
    again = repeated[0].text.lower().startswith(("every", "each", "compound"))
    recurring_family = any(
        set(item.names) <= set(index.recurring) for item in segment.of("families")
    )
    rate = any(item.amount and item.amount.kind == "money" for item in segment.amounts)
    if (recurring_family or rate) and not again:
        return None
    return Problem(
        code="recurring", message="A change that repeats is not known: say one change and when."
    )


def _is_rate(segment: Segment, item: Item) -> bool:
    """ "0.02 per year" beside a variable by itself is a number with its unit."""
    before = next((i for i in segment.items if i.last == item.first), None)
    kinds = ("plain", "percent")
    counted = before is not None and before.amount is not None and before.amount.kind in kinds
    return counted and segment.has("parameter")


def _respective(segment: Segment, index: TargetIndex) -> Problem | None:
    if not segment.has("respectively"):
        return None
    return Problem(code="unclear", message="Say each change with its own amount.")


def _tangled(segment: Segment, index: TargetIndex) -> Problem | None:
    """Two variables in one part, which no "and" joins: "the price rises by 10 % with the wage"."""
    names = [frozenset(item.names) for item in segment.of("parameter")]
    if len(set(names)) < 2 or any(left & right for left, right in pairwise(names)):
        return None
    texts = " and ".join(f'"{item.text}"' for item in segment.of("parameter"))
    return Problem(
        code="unclear",
        message=f'{texts} stand in one part, and it does not say which changes: join them by "and" '
        "where both do, or say one.",
    )


def _of_others(segment: Segment, index: TargetIndex) -> Problem | None:
    """A rival's price is not that of this project."""
    named = [item for item in segment.items if singular(item.text.lower()) in _RIVALS]
    if not named or not segment.amounts or not segment.has("parameter"):
        return None
    return Problem(
        code="target_missing",
        message=f'"{named[0].text}" have no variables of their own here: say what it does to the '
        "project's own variables.",
    )


def _wanted(segment: Segment, index: TargetIndex) -> Problem | None:
    if not segment.purpose or not segment.amounts:
        return None
    return Problem(
        code="outcome", message="This says what is wanted, not what is done: say the change alone."
    )


def _asks_whether(segment: Segment, index: TargetIndex) -> Problem | None:
    """ "Did the price rise by 10 %?" asks for a fact; "does a rise by 10 % help?" says a change.

    So does "is the boat $5?", but not "is a boat at $5 better?".
    """
    words = segment.text.lower().split()
    if segment.joint == "start" and words[0] in _STATES and _is_name_with_amount(segment):
        return _asked()
    later = segment.opener == "when" and words[0] in _AUXILIARIES
    if segment.joint not in ("start", "opener") or not (words[0] in _FACTS or later):
        return None
    kinds = [item.kind for item in segment.meaningful if item.kind != "by"][:3]
    if kinds != ["parameter", "direction", "quantity"] or segment.has("affect"):
        return None
    return _asked()


def _is_name_with_amount(segment: Segment) -> bool:
    kinds = [item.kind for item in segment.meaningful]
    return kinds[-1:] == ["quantity"] and _NAMES.issuperset(kinds[:-1])


def _asked() -> Problem:
    return Problem(
        code="unclear",
        message='This asks whether it happens: ask what follows if it does, as in "what if …".',
    )


def _briefly(segment: Segment, index: TargetIndex) -> Problem | None:
    brief = [item for item in segment.items if item.text.lower() in _BRIEF]
    if not brief or not segment.amounts or segment.has("time"):
        return None
    return Problem(
        code="time_invalid",
        message=f'"{brief[0].text}" does not say for how long: say from when until when.',
    )
