"""The compiler from end to end: question → compilation."""

import unicodedata
from dataclasses import dataclass, field, replace
from itertools import pairwise

from agentverse.compiler import wording
from agentverse.compiler.changes import compile_clause
from agentverse.compiler.chunking import chunk
from agentverse.compiler.clauses import Clause, Problem, read_clause
from agentverse.compiler.compilation import Compilation, Contradiction, Reason, Understood, Unmapped
from agentverse.compiler.contradictions import contradict
from agentverse.compiler.errors import QuestionEmpty, QuestionTooLong, QuestionUnreadable
from agentverse.compiler.fragments import attach_fragments
from agentverse.compiler.items import Item
from agentverse.compiler.lexicon import ENGLISH, FOREIGN, QUERIES
from agentverse.compiler.nearest import nearest_variables
from agentverse.compiler.periods import Clock
from agentverse.compiler.persistence import let_last
from agentverse.compiler.refusals import Unmappable
from agentverse.compiler.rejections import (
    find_rejection,
    is_condition,
    is_modifier_like,
    is_polite,
    is_strict,
    is_title,
)
from agentverse.compiler.removals import read_removals
from agentverse.compiler.segments import (
    Segment,
    mark_questions,
    merge_lists,
    pair_respectively,
    split,
)
from agentverse.compiler.sharing import share
from agentverse.compiler.starting import check_from_today, find_nothing_left
from agentverse.compiler.steps import StepBudget
from agentverse.compiler.subsidies import read_subsidy, stack_extras
from agentverse.compiler.targets import TargetIndex, build_index
from agentverse.compiler.tokenizing import Token, tokenize
from agentverse.compiler.vocabulary import Vocabulary
from agentverse_engine.inputs.events import EventScript

MAXIMUM_CHARACTERS = 2000
# What it costs to tell one, so that their pairs cannot fill an answer.
CONTRADICTION_STEPS = 500
_LENT = frozenset({"parameter", "direction", "to", "by", "at", "floor", "cap"})
_OWN_TARGETS = frozenset(
    {"parameter", "alternatives", "families", "cost_word", "instrument", "others"}
    | {"to", "by", "again", "base", "unknown", "negation", "pronoun", "off_switch"}
)
_QUESTION_WORDS = frozenset(words[0] for words in QUERIES) - {"i", "we", "find"}


@dataclass(slots=True, kw_only=True)
class _Draft:
    """What is gathered on the way; frozen into a Compilation at the end."""

    question: str
    tokens: list[Token]
    index: TargetIndex
    budget: StepBudget
    scripts: list[tuple[EventScript, Clause]] = field(
        default_factory=list[tuple[EventScript, Clause]]
    )
    unmapped: list[Unmapped] = field(default_factory=list[Unmapped])
    assumptions: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])

    def span(self, segment: Segment) -> tuple[int, int]:
        first = min(item.first for item in segment.items)
        last = max(item.last for item in segment.items)
        return self.tokens[first].start, self.tokens[last - 1].end

    def refuse(self, segment: Segment, code: Reason, message: str) -> None:
        start, end = self.span(segment)
        text = self.question[start:end]
        nearest = nearest_variables(text, self.index.vocabulary, self.budget)
        self.unmapped.append(Unmapped(text=text, code=code, message=message, nearest=nearest))


def compile_question(
    question: str,
    vocabulary: Vocabulary,
    *,
    budget: StepBudget | None = None,
    index: TargetIndex | None = None,
) -> Compilation:
    """Read an English question into event scripts; what is not mapped is named, not guessed.

    index: of this vocabulary, where several questions share it.

    Raises QuestionRefused for a text that no compiler can read, and QuestionUnreadable when
    reading it takes more steps than the budget has.
    """
    check_question(question)
    budget = budget or StepBudget()
    tokens = tokenize(question)
    if _is_foreign(tokens):
        return _refused(question, "not_english", "Please ask in English.")
    index = index or build_index(vocabulary)
    clock = Clock(unit=vocabulary.tick_unit, horizon=vocabulary.horizon)
    chunks = chunk(question, tokens, index, clock, budget)
    draft = _Draft(question=question, tokens=tokens, index=index, budget=budget)
    draft.assumptions.extend(chunks.corrections)
    _compile_items(draft, chunks.items)
    return _finish(draft)


def check_question(question: str) -> None:
    """Refuse what no compiler can read, before there is a vocabulary.

    Raises QuestionTooLong beyond MAXIMUM_CHARACTERS, QuestionEmpty for blanks, QuestionUnreadable
    where no character is a letter or a digit.
    """
    if len(question) > MAXIMUM_CHARACTERS:
        raise QuestionTooLong(
            f"The question has {len(question):,} characters; at most {MAXIMUM_CHARACTERS:,} are "
            "read. Ask for one set of changes at a time."
        )
    if not question.strip():
        raise QuestionEmpty('Say what changes, such as "What if the price falls by 30%?"')
    if not any(unicodedata.category(character)[0] in "LN" for character in question):
        raise QuestionUnreadable("The question holds no words: write it in plain English.")


def _is_foreign(tokens: list[Token]) -> bool:
    words = [token.text for token in tokens if token.kind == "word"]
    foreign = sum(word in FOREIGN for word in words)
    english = sum(word in ENGLISH for word in words)
    strange = sum(not word.isascii() for word in words)
    return (foreign >= 2 and foreign > english) or (strange > len(words) / 2)


def _refused(text: str, code: Reason, message: str) -> Compilation:
    return Compilation(unmapped=(Unmapped(text=text.strip(), code=code, message=message),))


def _compile_items(draft: _Draft, items: list[Item]) -> None:
    segments = read_removals(split(items), draft.index.vocabulary)
    mark_questions(segments, _QUESTION_WORDS)
    segments = merge_lists(pair_respectively(segments))
    mentioned = _mentioned(segments)
    for sentence in sorted({segment.sentence for segment in segments}):
        inside = [segment for segment in segments if segment.sentence == sentence]
        _compile_sentence(draft, inside, mentioned)


def _mentioned(segments: list[Segment]) -> list[tuple[int, tuple[str, ...]]]:
    """Return where alternatives are named, for "they" and "it"."""
    return [
        (item.first, item.names)
        for segment in segments
        for item in segment.items
        if item.kind == "alternatives"
    ]


def _compile_sentence(
    draft: _Draft, segments: list[Segment], mentioned: list[tuple[int, tuple[str, ...]]]
) -> None:
    asked = [segment for segment in segments if not segment.question]
    clean, invalidated = _sift(draft, asked)
    leading, clauses, hanging = _read(draft, clean)
    if _hangs_on_another(clauses):
        for clause in clauses:
            draft.refuse(clause.segment, "unclear", _hanging().message)
        return
    if any(clause.segment.either for clause in clauses):
        for clause in clauses:
            draft.refuse(clause.segment, "unclear", '"Or" asks two questions: ask one at a time.')
        return
    if invalidated or hanging:
        for clause in clauses:
            draft.refuse(
                clause.segment,
                "unclear",
                "Left out, because a part that it depends on is not understood.",
            )
        return
    for clause in clauses:
        _resolve_pronoun(clause, mentioned)
        read_subsidy(clause)
    stack_extras(clauses)
    share(clauses, leading, tuple(draft.index.vocabulary.alternatives))
    _take_from_question(clauses, segments, mentioned)
    let_last(clauses)
    for clause in clauses:
        _compile(draft, clause)


def _hangs_on_another(clauses: list[Clause]) -> bool:
    """ "The price rises by 10 % if the wage falls by 20 %": one change is the other's condition."""
    said = [clause.segment for clause in clauses if clause.amount and clause.parameters]
    return any(
        later.opener in ("if", "when", "once", "as soon as", "in case") and not first.opener
        for first, later in pairwise(said)
        if first.sentence == later.sentence
    )


def _take_from_question(
    clauses: list[Clause],
    segments: list[Segment],
    mentioned: list[tuple[int, tuple[str, ...]]],
) -> None:
    """Take "the price" in "who buys heat pumps if the price falls 30 %" as the price of those."""
    asked = {
        item.names
        for segment in segments
        if segment.question
        for item in segment.of("alternatives")
    }
    earlier = {names for place, names in mentioned if place < segments[0].items[0].first}
    for clause in clauses:
        silent = not (clause.alternatives or clause.excluded or clause.others or clause.parameters)
        if not (asked or earlier) or not silent:
            continue
        if clause.families or len(asked) != 1:
            message = "Say of which systems: some are named before, but not here."
            clause.problem = clause.problem or Problem(code="alternative_missing", message=message)
        elif clause.cost_word:
            clause.alternatives = next(iter(asked))
            clause.assumptions.append("read the cost as that of what the question asks about")


def _sift(draft: _Draft, segments: list[Segment]) -> tuple[list[Segment], bool]:
    """Leave rejected stretches out; a rejected scope invalidates the sentence it limits."""
    clean: list[Segment] = []
    invalidated = False
    for segment in segments:
        rejection = find_rejection(segment, draft.index) or _empty_condition(segment, segments)
        if rejection is None:
            clean.append(segment)
            continue
        if segment.heading and is_title(segment):
            draft.notes.append(f'"{segment.text}" changes nothing')
            continue
        draft.refuse(segment, rejection.code, rejection.message)
        invalidated = (
            invalidated
            or (segment.heading and not segment.has("alternatives", "quantity", "instrument"))
            or is_modifier_like(segment)
            or (segment.condition and rejection.code == "outcome")
            or (is_condition(segment) and _something_hangs(segments, segment))
        )
    return clean, invalidated


def _empty_condition(segment: Segment, segments: list[Segment]) -> Problem | None:
    """ "If the government wants" names no change, yet the rest hangs on it."""
    if not segment.opener or not is_condition(segment) or is_polite(segment):
        return None
    silent = not segment.amounts and not segment.is_modifier
    if is_strict(segment) or (silent and segment.joint == "opener" and segments[0] is not segment):
        others = any(other.amounts for other in segments if other is not segment)
        return _hanging() if others else None
    if any(item.kind not in ("filler", "preposition", "intro_verb") for item in segment.items):
        return None
    others = any(other.amounts for other in segments if other is not segment)
    return _hanging() if others else None


def _hanging() -> Problem:
    message = "A change cannot hang on a condition: leave it out, or say from when it holds."
    return Problem(code="unclear", message=message)


def _something_hangs(segments: list[Segment], condition: Segment) -> bool:
    """Whether a change stands outside of what an "if" opens and "and" continues."""
    place = next((i for i, s in enumerate(segments) if s.items[0] is condition.items[0]), 0)
    end = place + 1
    while end < len(segments) and segments[end].joint == "and":
        end += 1
    if is_strict(condition) or not condition.opener:
        end = place + 1
    return any(segment.amounts for segment in [*segments[:place], *segments[end:]])


def _read(draft: _Draft, segments: list[Segment]) -> tuple[list[Clause], list[Clause], bool]:
    """Return (what is said ahead for all, the clauses, whether they hang on a condition)."""
    hanging = False
    leading: list[Clause] = []
    clauses: list[Clause] = []
    for entry in attach_fragments(segments):
        if entry.no_change:
            draft.notes.append(f'"{entry.segment.text}" changes nothing')
        elif entry.segment.is_modifier and not entry.segment.amounts:
            if clauses:
                _add_modifier(clauses[-1], read_clause(entry.segment))
            else:
                leading.append(read_clause(entry.segment))
        elif entry.missing:
            draft.refuse(
                entry.segment, "amount_missing", 'Say how much, such as "by 30 %" or "by $400".'
            )
            hanging = hanging or (
                is_condition(entry.segment) and _something_hangs(segments, entry.segment)
            )
        else:
            clauses.append(read_clause(_lent(entry.segment, clauses)))
    if leading and not clauses:
        for clause in leading:
            draft.refuse(
                clause.segment, "amount_missing", "Say what changes then, and by how much."
            )
    return leading, clauses, hanging


def _lent(segment: Segment, before: list[Clause]) -> Segment:
    """ "1.5 % a day on the coast and 0.5 % elsewhere": only how much, for whom and when is new."""
    own = {item.kind for item in segment.items}
    scoped = own & {"regions", "segments", "complement", "except", "time", "everyone"}
    lone = any(item.amount and item.amount.kind == "plain" for item in segment.amounts)
    if (
        (lone and not scoped)
        or not before
        or not before[-1].parameters
        or own & _OWN_TARGETS
        or "quantity" not in own
    ):
        return segment
    kinds = frozenset({"parameter"}) if "direction" in own else _LENT
    lent = [replace(item) for item in before[-1].segment.items if item.kind in kinds]
    return replace(segment, items=[*segment.items, *lent])


def _add_modifier(clause: Clause, modifier: Clause) -> None:
    clause.timings.extend(modifier.timings)
    clause.regions += modifier.regions
    clause.segments += modifier.segments
    clause.excluded_regions += modifier.excluded_regions
    clause.excluded_segments += modifier.excluded_segments
    clause.excluded += modifier.excluded
    clause.everyone = clause.everyone or modifier.everyone
    clause.complement = clause.complement or modifier.complement
    clause.scope_after = clause.scope_after or modifier.has_scope


def _resolve_pronoun(clause: Clause, mentioned: list[tuple[int, tuple[str, ...]]]) -> None:
    if clause.alternatives or not clause.has("pronoun") or clause.parameters:
        return
    place = min(item.first for item in clause.segment.items if item.kind == "pronoun")
    before = [names for first, names in mentioned if first < place]
    if before:
        clause.alternatives = before[-1]


def _compile(draft: _Draft, clause: Clause) -> None:
    try:
        scripts = compile_clause(clause, draft.index)
    except Unmappable as refusal:
        draft.refuse(clause.segment, refusal.problem.code, refusal.problem.message)
        return
    draft.assumptions.extend(clause.assumptions)
    for script in scripts:
        label = wording.label(script, draft.index.vocabulary)
        draft.scripts.append((replace(script, label=label), clause))


def _refuse_without_effect(draft: _Draft) -> None:
    """Take out what changes nothing from today, or leaves a range; two changes of one variable
    are judged by the contradictions between them."""
    vocabulary = draft.index.vocabulary
    changed = [script.variable for script, _ in draft.scripts]
    kept: list[tuple[EventScript, Clause]] = []
    for script, clause in draft.scripts:
        variable = vocabulary.variable(script.variable)
        try:
            if variable and changed.count(script.variable) == 1:
                draft.notes.extend(check_from_today(script, variable, vocabulary))
            kept.append((script, clause))
        except Unmappable as refusal:
            draft.refuse(clause.segment, refusal.problem.code, refusal.problem.message)
    draft.scripts = kept
    nothing_left = find_nothing_left([script for script, _ in kept], vocabulary)
    if nothing_left:
        for _, clause in kept:
            draft.refuse(clause.segment, "nothing_left", nothing_left)
        draft.scripts = []


def _finish(draft: _Draft) -> Compilation:
    _refuse_without_effect(draft)
    draft.budget.spend(len(draft.scripts) ** 2)
    scripts = _without_duplicates(draft.scripts)
    contradictions, refused = _contradictions(scripts, draft.budget)
    kept = [entry for place, entry in enumerate(scripts) if place not in refused]
    unmapped = draft.unmapped
    if not scripts and not unmapped:
        unmapped = [_nothing(draft)]
    return Compilation(
        event_scripts=tuple(script for script, _ in kept),
        understood=tuple(
            _understood(draft, clause, place, script) for place, (script, clause) in enumerate(kept)
        ),
        unmapped=tuple(unmapped),
        contradictions=contradictions,
        assumptions=tuple(dict.fromkeys([*draft.assumptions, *draft.notes])),
    )


def _nothing(draft: _Draft) -> Unmapped:
    text = draft.question.strip()
    return Unmapped(
        text=text,
        code="nothing_changes",
        message="This names no change. Say what changes, by how much, and from when.",
        nearest=nearest_variables(text, draft.index.vocabulary, draft.budget),
    )


def _without_duplicates(
    scripts: list[tuple[EventScript, Clause]],
) -> list[tuple[EventScript, Clause]]:
    kept: list[tuple[EventScript, Clause]] = []
    for script, clause in scripts:
        if clause.again or all(script != earlier for earlier, _ in kept):
            kept.append((script, clause))
    return kept


def _contradictions(
    scripts: list[tuple[EventScript, Clause]], budget: StepBudget
) -> tuple[tuple[Contradiction, ...], set[int]]:
    contradictions: list[Contradiction] = []
    refused: set[int] = set()
    for right, (second, clause) in enumerate(scripts):
        for left, (first, _) in enumerate(scripts[:right]):
            if contradict(first, second, stacked=clause.again):
                budget.spend(CONTRADICTION_STEPS)
                refused |= {left, right}
                pair = (first, second)
                contradictions.append(Contradiction(variable=first.variable, event_scripts=pair))
    return tuple(contradictions), refused


def _understood(draft: _Draft, clause: Clause, place: int, script: EventScript) -> Understood:
    start, end = draft.span(clause.segment)
    return Understood(
        text=draft.question[start:end], span=(start, end), script=place, sentence=script.label
    )
