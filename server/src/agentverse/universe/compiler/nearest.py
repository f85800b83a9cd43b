"""The known variables that look most like words nobody knows."""

from difflib import SequenceMatcher

from agentverse.universe.compiler.vocabulary import Vocabulary


def nearest_variables(text: str, vocabulary: Vocabulary, *, count: int = 3) -> tuple[str, ...]:
    """Return variable names by string similarity over labels and synonyms, best first."""
    scored = [
        (max(_similarity(text.lower(), words.lower()) for words in words_of), place, name)
        for place, (name, words_of) in enumerate(_phrases(vocabulary).items())
    ]
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    return tuple(name for score, _, name in scored[:count] if score > 0.3)


def _phrases(vocabulary: Vocabulary) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for variable in vocabulary.variables:
        words = [variable.label, variable.name.replace("_", " "), *variable.synonyms]
        if variable.alternative is not None:
            alternative = vocabulary.alternatives.get(variable.alternative)
            words += [alternative[0], *alternative[1]] if alternative else []
        table[variable.name] = words
    return table


def _similarity(text: str, known: str) -> float:
    """Compare word by word, so that a long sentence does not drown a near miss."""
    words, targets = text.split(), known.split()
    if not words or not targets:
        return 0.0
    whole = SequenceMatcher(None, text, known).ratio()
    best = [
        max(SequenceMatcher(None, word, target).ratio() for word in words) for target in targets
    ]
    return max(whole, sum(best) / len(best) * 0.9)


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
