"""Everyday words for the behavioural parameters of the rule pack `consumer_choice`."""

from agentverse.compiler.items import Item
from agentverse.compiler.tokenizing import Token, singular
from agentverse.compiler.vocabulary import Vocabulary

SYNONYMS = {
    "conformity": (
        "peer influence", "peer pressure", "peer effect", "peer effects", "social influence",
        "social pressure", "social norm", "social norms", "imitation", "herd behaviour",
        "herd behavior", "herding", "neighbour influence", "neighbor influence",
        "influence of neighbours", "influence of neighbors", "influence of the neighbours",
    ),
}  # fmt: skip
_IGNORES = {"ignore", "ignored", "ignoring", "disregard", "disregarded", "disregarding"}
_COPIES = {"copy", "copying", "copied", "imitate", "imitating", "follow", "following", "mimic"}
_CARES = {"care", "caring", "look", "looking", "listen", "listening", "influenced", "swayed"}
_STOPS = {"stop", "stops", "stopped", "not", "never", "longer", "without", "cease", "ceased"}
_LINKS = {"about", "at", "to", "by", "their", "the", "what", "its", "any", "for", "be"}
_OTHERS = {"neighbour", "neighbor", "peer"}


def read_indifference(tokens: list[Token], at: int, vocabulary: Vocabulary) -> Item | None:
    """Read "ignore their neighbours", "stop copying the neighbours" as conformity off."""
    if vocabulary.variable("conformity") is None:
        return None
    word = tokens[at].text
    place = at + 1
    if word in _STOPS:
        place = _past(tokens, place, {"be", "to", "at"})
        if place >= len(tokens) or tokens[place].text not in _COPIES | _CARES:
            return None
        place += 1
    elif word not in _IGNORES:
        return None
    place = _past(tokens, place, _LINKS)
    if place >= len(tokens) or singular(tokens[place].text) not in _OTHERS:
        return None
    after = _past(tokens, place + 1, {"do", "have", "choose", "own", "buy", "think"})
    return Item(kind="off_switch", first=at, last=after, text="", names=("conformity",))


def _past(tokens: list[Token], at: int, words: set[str]) -> int:
    while at < len(tokens) and tokens[at].text in words:
        at += 1
    return at
