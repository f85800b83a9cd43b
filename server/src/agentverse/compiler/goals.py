"""Questions that name an outcome and ask for the change: "what fare gives the bus 35 %?"."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentverse.compiler.chunking import chunk
from agentverse.compiler.errors import QuestionRefused
from agentverse.compiler.items import Item, ItemKind
from agentverse.compiler.periods import Clock
from agentverse.compiler.steps import StepBudget
from agentverse.compiler.targets import TargetIndex, build_index
from agentverse.compiler.tokenizing import Token, tokenize, word_list
from agentverse.compiler.vocabulary import Vocabulary
from agentverse_engine.inputs.events import Scope
from agentverse_engine.inputs.variables import Variable

_ASKS = frozenset({"what", "which", "how"})
_REACHES = frozenset(
    word_list(
        """give gives get gets gave bring brings reach reaches need needs needed yield yields
    achieve achieves make makes lead leads take takes have has win wins"""
    )
)
# What may stand in such a question; anything else could say more than is read.
_ALLOWED: frozenset[ItemKind] = frozenset(
    (
        *("alternatives", "families", "parameter", "cost_word", "quantity", "outcome", "pronoun"),
        *("filler", "preposition", "to", "from", "at", "people", "regions", "segments"),
        *("intro_verb", "stop"),
    )
)
# Beyond what is paid most today by so many times nobody looks for a price.
_HEADROOM = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalAsked:
    """variable: what is to be set; alternative, share: which share, 0 to 1, is wanted.

    lower, upper: where it is looked for, in the variable's unit.
    """

    variable: Variable
    alternative: str
    share: float
    scope: Scope
    lower: float
    upper: float


def find_goal(question: str, vocabulary: Vocabulary) -> GoalAsked | None:
    """What a question seeks; None where it seeks nothing, or says more than is read here."""
    index, tokens = build_index(vocabulary), tokenize(question)
    if not {token.text for token in tokens[:2]} & _ASKS or not _reaches(tokens):
        return None
    clock = Clock(unit=vocabulary.tick_unit, horizon=vocabulary.horizon)
    try:
        items = chunk(question, tokens, index, clock, StepBudget()).items
    except QuestionRefused:
        return None
    share, variable = _share(items), _variable(items, index)
    if any(not _is_allowed(item) for item in items) or share is None or variable is None:
        return None
    alternative = _outcome(items, variable)
    scope = Scope(regions=_groups(items, "regions"), segments=_groups(items, "segments"))
    if alternative not in vocabulary.alternatives:
        return None
    lower, upper = _bounds(variable, scope, vocabulary)
    return GoalAsked(
        variable=variable,
        alternative=alternative,
        share=share,
        scope=scope,
        lower=lower,
        upper=upper,
    )


def _reaches(tokens: Sequence[Token]) -> bool:
    return any(token.text in _REACHES for token in tokens)


def _is_allowed(item: Item) -> bool:
    if item.kind == "opener":
        return "if" not in item.text.lower().split()
    return item.kind in _ALLOWED or item.text.lower() in _REACHES | _ASKS


def _share(items: Sequence[Item]) -> float | None:
    quantities = [item for item in items if item.kind == "quantity"]
    amount = quantities[0].amount if len(quantities) == 1 else None
    if amount is None:
        return None
    plain = not (amount.sign or amount.per or amount.problem)
    sizes = {"percent": amount.value / 100, "fraction": amount.value}
    share = sizes.get(amount.kind)
    return float(share) if plain and share is not None and 0 <= share <= 1 else None


def _variable(items: Sequence[Item], index: TargetIndex) -> Variable | None:
    vocabulary = index.vocabulary
    own = {name for item in items if item.kind == "parameter" for name in item.names}
    families = {name for item in items if item.kind == "families" for name in item.names}
    costs = any(item.kind == "cost_word" for item in items)
    if own:
        return vocabulary.variable(own.pop()) if len(own) == 1 and not families else None
    if not families and costs:
        families = set(index.one_off)
    named = _alternatives(items)
    if len(families) != 1 or not 1 <= len(named) <= 2:
        return None
    return vocabulary.attribute(families.pop(), named[0])


def _alternatives(items: Sequence[Item]) -> list[str]:
    """In order; none where words mean several at once."""
    named = [item for item in items if item.kind == "alternatives"]
    if any(len(item.names) != 1 or item.ambiguous for item in named):
        return []
    return [item.names[0] for item in named]


def _outcome(items: Sequence[Item], variable: Variable) -> str:
    """Whose share: who is named last, else whose variable it is."""
    named = _alternatives(items)
    return named[-1] if named else variable.alternative or ""


def _groups(items: Sequence[Item], kind: ItemKind) -> tuple[str, ...]:
    names = (name for item in items if item.kind == kind for name in item.names)
    return tuple(dict.fromkeys(names))


def _bounds(variable: Variable, scope: Scope, vocabulary: Vocabulary) -> tuple[float, float]:
    today = vocabulary.today(variable, scope)
    if variable.default is not None or today is None:
        return variable.minimum, variable.maximum
    return variable.minimum, min(variable.maximum, _HEADROOM * today[1])
