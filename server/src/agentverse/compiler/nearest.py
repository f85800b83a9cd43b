"""The known variables that look most like words nobody knows."""

from difflib import SequenceMatcher
from functools import lru_cache

from agentverse.compiler.steps import StepBudget
from agentverse.compiler.vocabulary import Vocabulary
from agentverse_engine.inputs.variables import Variable

_FLOOR = 0.3


def nearest_variables(
    text: str, vocabulary: Vocabulary, budget: StepBudget, *, count: int = 3
) -> tuple[str, ...]:
    """Return variable names by string similarity over labels and synonyms, best first."""
    budget.spend((1 + text.count(" ")) * len(vocabulary.variables))
    scored = [
        (_score(text.lower(), variable, vocabulary), -place, variable.name)
        for place, variable in enumerate(vocabulary.variables)
    ]
    best = sorted(scored, reverse=True)[:count]
    return tuple(name for score, _, name in best if score > _FLOOR)


def _score(text: str, variable: Variable, vocabulary: Vocabulary) -> float:
    """Average what is changed and of which, so that neither drowns the other."""
    alternative = vocabulary.alternatives.get(variable.alternative or "")
    family = vocabulary.families.get(variable.family)
    if alternative is None or family is None:
        names = (variable.label, variable.name.replace("_", " "), *variable.synonyms)
        return _best(text, names)
    return (
        _best(text, (family[0], *family[2])) + _best(text, (alternative[0], *alternative[1]))
    ) / 2


def _best(text: str, names: tuple[str, ...]) -> float:
    return max(_similarity(text, name.lower()) for name in names)


@lru_cache(maxsize=4096)
def _similarity(text: str, candidate: str) -> float:
    """Compare word by word, so that a long sentence does not drown a near miss."""
    words, targets = text.split(), candidate.split()
    if not words or not targets:
        return 0.0
    best = [max(_ratio(word, target) for word in words) for target in targets]
    by_word = sum(best) / len(best) * 0.9
    # Two texts of unequal length are at most this similar, and comparing long ones is dear.
    at_most = 2 * min(len(text), len(candidate)) / (len(text) + len(candidate))
    return max(by_word, _ratio(text, candidate)) if at_most > by_word else by_word


@lru_cache(maxsize=16384)
def _ratio(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right).ratio()


def within_one_edit(left: str, right: str) -> bool:
    """One insertion, deletion, substitution or swap of neighbours apart."""
    if left == right or abs(len(left) - len(right)) > 1:
        return left == right
    place = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if place is None:
        return True
    if len(left) == len(right):
        swapped = left[:place] + left[place : place + 2][::-1] + left[place + 2 :]
        return left[place + 1 :] == right[place + 1 :] or swapped == right
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    return longer[place + 1 :] == shorter[place:]
