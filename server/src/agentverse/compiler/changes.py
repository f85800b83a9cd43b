"""Clause → scripts: which variables, for whom and when; or the problem, named."""

from collections.abc import Sequence

from agentverse.compiler.clauses import Clause
from agentverse.compiler.items import Timing
from agentverse.compiler.lexicon import FUEL_WORDS, TIME_ADJECTIVES, phrase
from agentverse.compiler.non_changes import check_words
from agentverse.compiler.refusals import Unmappable, refuse
from agentverse.compiler.resolving import Effect, resolve
from agentverse.compiler.stating import state
from agentverse.compiler.targets import TargetIndex, normalise
from agentverse.compiler.vocabulary import Vocabulary, has_own_words
from agentverse_engine.inputs.events import EventScript, Scope
from agentverse_engine.inputs.variables import Variable


def compile_clause(clause: Clause, index: TargetIndex) -> list[EventScript]:
    """Return the scripts of a clause; raise Unmappable instead of guessing."""
    if clause.problem:
        raise Unmappable(clause.problem)
    check_words(clause)
    scope = _scope(clause, index.vocabulary)
    variables = _variables(clause, index)
    effects = [(variable, _effect(clause, variable, index.vocabulary)) for variable in variables]
    for note in dict.fromkeys(note for _, effect in effects for note in effect.notes):
        clause.assumptions.append(note)
    return [
        EventScript(
            variable=variable.name, operation=effect.operation, value=effect.value, scope=scope
        )
        for variable, effect in effects
    ]


def _effect(clause: Clause, variable: Variable, vocabulary: Vocabulary) -> Effect:
    said = state(clause, own_words=has_own_words(variable))
    return resolve(said, variable, tick_unit=vocabulary.tick_unit)


def _variables(clause: Clause, index: TargetIndex) -> list[Variable]:
    vocabulary = index.vocabulary
    if clause.parameters:
        return _parameters(clause, vocabulary)
    price = vocabulary.variable("price")
    if price and not vocabulary.families and _speaks_of_money(clause):
        if clause.alternatives:
            raise refuse("target_missing", f"There is one price here: {price.label}.")
        return [price]
    families = _families(clause, index)
    alternatives = _alternatives(clause, vocabulary)
    matching = [
        variable
        for family in families
        for name in alternatives
        if (variable := vocabulary.attribute(family, name))
    ]
    if len(matching) != len(families) * len(alternatives):
        raise refuse("target_missing", "Not every one of these has such a variable.")
    return matching


def _parameters(clause: Clause, vocabulary: Vocabulary) -> list[Variable]:
    names = dict.fromkeys(clause.parameters)
    labels = {word for name in names for word in _label_words(name, vocabulary)}
    tangled = [
        i
        for i in clause.segment.items
        if i.kind in ("alternatives", "families") and not set(normalise(i.text)) <= labels
    ]
    if tangled or clause.instrument:
        raise refuse(
            "unclear",
            f'"{", ".join(names)}" belongs to no alternative: it cannot be changed together with '
            "a cost in one part.",
        )
    return [variable for name in names if (variable := vocabulary.variable(name))]


def _label_words(name: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """ "2 % of the susceptible are vaccinated" names whom the variable is about."""
    variable = vocabulary.variable(name)
    return normalise(variable.label) if variable else ()


def _families(clause: Clause, index: TargetIndex) -> tuple[str, ...]:
    if clause.families:
        return clause.families
    called = _families_called(clause, index)
    if len(called) == 1:
        return called
    amount = clause.amount.amount if clause.amount else None
    if clause.every_cost:
        return index.one_off + index.recurring
    if amount and amount.kind == "duration" and clause.cost_word:
        raise refuse("wrong_unit", "A cost needs an amount of money or a percentage.")
    if (amount and amount.kind == "duration") or _speaks_of_time(clause):
        return _only(index.timed, index, "time")
    if amount and amount.per and index.recurring:
        return _noted(clause, _only(index.recurring, index, "cost"), index)
    if _is_fuel_price(clause) and index.recurring:
        return _noted(clause, _only(index.recurring, index, "cost"), index)
    if not _speaks_of_money(clause):
        labels = _labels(tuple(index.vocabulary.families), index)
        raise refuse(
            "target_missing",
            f"Say what of it changes: {labels}."
            if labels
            else "Say what of it changes, by a name of this project's list of variables.",
        )
    return _noted(clause, _only(index.one_off or index.recurring, index, "cost"), index)


def _families_called(clause: Clause, index: TargetIndex) -> tuple[str, ...]:
    """Families whose whole label is the word that was said, such as a column called cost."""
    said = {normalise(item.text) for item in clause.segment.of("cost_word")}
    families = index.vocabulary.families
    return tuple(name for name, family in families.items() if normalise(family[0]) in said)


def _only(names: tuple[str, ...], index: TargetIndex, what: str) -> tuple[str, ...]:
    if len(names) == 1:
        return names
    labels = _labels(names or tuple(index.vocabulary.families), index)
    raise refuse("target_missing", f"Say which {what} changes: {labels}.")


def _labels(names: tuple[str, ...], index: TargetIndex) -> str:
    return " or ".join(index.vocabulary.families[name][0] for name in names)


def _noted(clause: Clause, names: tuple[str, ...], index: TargetIndex) -> tuple[str, ...]:
    label = index.vocabulary.families[names[0]][0]
    clause.assumptions.append(f'read "{_cost_text(clause)}" as {label}')
    return names


def _cost_text(clause: Clause) -> str:
    items = clause.segment.items
    word = next((i.text for i in items if i.kind == "cost_word"), "")
    money = next((i.text for i in clause.directions if i.money), "")
    return word or (clause.instrument.text if clause.instrument else "") or money or "cost"


def _is_fuel_price(clause: Clause) -> bool:
    if not (clause.cost_word and clause.bare and not clause.instrument):
        return False
    items = [i for i in clause.segment.items if i.kind in ("cost_word", "alternatives")]
    words = [i.text.lower() for i in items if i.kind == "alternatives"]
    costs = [i.text.lower() for i in items if i.kind == "cost_word"]
    return any(word in FUEL_WORDS for word in words) and any(
        cost in ("price", "prices", "cost", "costs") for cost in costs
    )


def _speaks_of_time(clause: Clause) -> bool:
    return any(phrase(item.text.lower()) in TIME_ADJECTIVES for item in clause.directions)


def _speaks_of_money(clause: Clause) -> bool:
    amount = clause.amount
    money = amount is not None and amount.amount is not None and amount.amount.kind == "money"
    off = any(i.money or i.text.lower() in ("off", "back") for i in clause.directions)
    costly = ("expensive", "costly", "dear", "pricey")
    base = any(i.text.lower().endswith(costly) for i in clause.segment.of("base"))
    return clause.cost_word or clause.instrument is not None or money or off or base


def _alternatives(clause: Clause, vocabulary: Vocabulary) -> tuple[str, ...]:
    chosen = clause.alternatives
    if not chosen and clause.excluded:
        chosen = tuple(vocabulary.alternatives)
    if not chosen and clause.families and not clause.has("pronoun", "others"):
        clause.assumptions.append("no system named: read as all systems")
        chosen = tuple(vocabulary.alternatives)
    chosen = tuple(name for name in chosen if name not in clause.excluded)
    if not chosen:
        labels = ", ".join(term[0] for term in vocabulary.alternatives.values())
        raise refuse("alternative_missing", f'Say of which: {labels}, or "all systems".')
    return chosen


def _scope(clause: Clause, vocabulary: Vocabulary) -> Scope:
    _check_exception(clause)
    start, end, assumptions = ticks_of(clause.timings, vocabulary)
    clause.assumptions.extend(assumptions)
    return Scope(
        regions=_group(clause.regions, clause.excluded_regions, tuple(vocabulary.regions)),
        segments=_group(clause.segments, clause.excluded_segments, tuple(vocabulary.segments)),
        start_tick=start,
        end_tick=end,
    )


def _check_exception(clause: Clause) -> None:
    if clause.excluded_regions and clause.excluded_segments:
        raise refuse(
            "unclear", "An exception can name regions or segments, not both: say one of them."
        )


def _group(
    chosen: tuple[str, ...], excluded: tuple[str, ...], every: tuple[str, ...]
) -> tuple[str, ...]:
    if excluded:
        kept = tuple(name for name in chosen or every if name not in excluded)
        if not kept:
            raise refuse("scope_unknown", "Nobody is left after the exception.")
        return tuple(name for name in every if name in kept)
    return tuple(name for name in every if name in chosen)


def ticks_of(
    timings: Sequence[Timing], vocabulary: Vocabulary
) -> tuple[int, int | None, list[str]]:
    """Return (first tick, last tick, what was assumed) of all that is said of one change's time.

    Raises Unmappable where that is no period of the project's clock.
    """
    for timing in timings:
        if timing.problem:
            raise refuse(timing.problem, timing.message)
    assumptions = [timing.assumption for timing in timings if timing.assumption]
    starts = {t.start for t in timings if t.start is not None}
    ends = {t.end for t in timings if t.end is not None}
    lengths = {t.duration for t in timings if t.duration is not None}
    if len(starts) > 1 or len(ends) > 1 or len(lengths) > 1 or (ends and lengths):
        raise refuse("time_invalid", "Two times are said for one change: say one.")
    start = next(iter(starts), 0)
    end = next(iter(ends), None)
    if lengths:
        start = start or 1
        end = start + lengths.pop() - 1
    return *_checked_ticks(start, end, vocabulary), assumptions


def _checked_ticks(start: int, end: int | None, vocabulary: Vocabulary) -> tuple[int, int | None]:
    unit, horizon = vocabulary.tick_unit, vocabulary.horizon
    if start > horizon or (end is not None and end > horizon):
        late = start if start > horizon else end
        raise refuse(
            "beyond_horizon",
            f"{unit.capitalize()} {late} lies beyond the horizon of {horizon} {unit}s: "
            f"say a {unit} from 1 to {horizon}.",
        )
    if end is not None and end < start:
        raise refuse(
            "time_invalid", f"The end ({unit} {end}) lies before the start ({unit} {start})."
        )
    return start, end
