"""What a clause leaves out is filled in from its neighbours in the same sentence."""

from dataclasses import replace
from itertools import pairwise

from agentverse.compiler.clauses import Clause, Problem, says_value


def share(clauses: list[Clause], leading: list[Clause], every: tuple[str, ...]) -> None:
    """Fill what a clause leaves out from its neighbours in the same sentence."""
    _find_complements(clauses)
    _share_directions(clauses)
    _share_targets(clauses)
    _resolve_others(clauses, every)
    _share_scope(clauses, leading)


def _share_directions(clauses: list[Clause]) -> None:
    for place, clause in enumerate(clauses):
        if clause.directions or clause.instrument or _is_absolute(clause) or _takes(clause):
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


def _takes(clause: Clause) -> bool:
    """ "Gives $500 for one and takes $200 from the other" says no second gift."""
    words = clause.segment.text.lower().split()
    return bool({"take", "takes", "took", "taking"} & set(words)) and "off" not in words


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
