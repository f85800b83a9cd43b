"""How a word that the registry lists beside a variable stands to it, where it is not its name."""

from typing import Literal

from agentverse.compiler.tokenizing import singular

# same: the word names the variable. policy: something that moves it one way and has a level of its
# own, which is not in the registry. move: a step of it, by direction. outcome: what the run
# computes from it.
# complement: what is left of the whole where the variable is the share taken away.
Role = Literal["same", "policy", "move", "outcome", "complement"]
Relation = tuple[Role, int]
SAME: Relation = ("same", 0)

_RELATIONS: dict[tuple[str, str], Relation] = {
    ("price", "subsidy"): ("policy", -1),
    ("price", "discount"): ("policy", -1),
    ("interest_rate", "rate hike"): ("move", 1),
    ("interest_rate", "rate cut"): ("move", -1),
    ("income_change", "transfer"): ("policy", 1),
    ("income_change", "tax rebate"): ("policy", 1),
    ("income_change", "stimulus"): ("policy", 1),
    ("income_change", "pay rise"): ("policy", 1),
    ("income_change", "pay cut"): ("policy", -1),
    ("contact_reduction", "contact"): ("complement", -1),
    ("recovery_chance", "treatment"): ("policy", 1),
    ("appeal.abstain", "turnout"): ("outcome", -1),
    ("innovation", "early adopter"): ("outcome", 1),
    ("confidence", "saving"): ("outcome", -1),
    ("confidence", "saving rate"): ("outcome", -1),
    ("campaign_for", "approval"): ("outcome", 1),
    ("campaign_for", "approval rate"): ("outcome", 1),
}


def relation_of(variable: str, words: tuple[str, ...]) -> Relation:
    """words: the word of the registry as said, in singular."""
    return _RELATIONS.get((variable, " ".join(singular(word) for word in words)), SAME)
