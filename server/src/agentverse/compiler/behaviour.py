"""Everyday words for variables of the shipped packs, beside those that the registry lists.

A word that the registry lists under another variable stays there.
"""

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
    "contact_reduction": ("contact", "contacts", "avoid", "avoided", "avoiding", "curfew",
                          "contacts avoided", "isolation", "distancing"),
    "infection_chance": ("transmission", "infectious", "contagious", "infectivity",
                         "chance of infection"),
    "recovery_chance": ("recovery",),
    "vaccination_rate": ("vaccinate", "vaccinated", "vaccinating", "vaccine uptake"),
    "interest_rate": ("rate", "rates", "interest", "central bank rate", "borrowing cost"),
    "income_change": ("salary", "earning", "earn", "earned", "pay rise", "pay cut", "wage"),
    "confidence": ("confidence", "savings", "saving rate", "savings rate"),
    "vote_habit": ("loyalty", "loyal", "voter loyalty", "party loyalty"),
    "keeping_up": ("keeping up", "keeping up with the neighbours"),
    "credit_limit": ("owe",),
    "advertising": ("advertise", "advertised", "ad", "ads", "tv advertising", "commercials"),
    "imitation": ("neighbours' example", "imitating", "copying"),
    "coverage": ("media coverage", "attention of the news", "attention in the news", "coverage"),
    "campaign_for": ("approval", "approval rate", "campaign for it",
                     "campaign for yes", "contacts in favour"),
    "campaign_against": ("campaign against it", "contacts against"),
    "susceptibility": ("weight of other people's opinion",),
    "appeal.abstain": ("staying home", "staying at home", "pull of staying home", "abstaining"),
    "loss_aversion": ("loss averse", "aversion to losses"),
    "abandonment": ("giving up", "give up", "adopters give up"),
}  # fmt: skip
_SUBJECTS = {
    "infection_chance": ("virus", "disease", "illness", "variant", "flu", "epidemic"),
    "coverage": ("issue", "topic"),
}


def subject_words(vocabulary: Vocabulary) -> frozenset[str]:
    """What people call the thing that a shipped pack is about."""
    names = (name for name in _SUBJECTS if vocabulary.variable(name))
    return frozenset(word for name in names for word in _SUBJECTS[name])


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
