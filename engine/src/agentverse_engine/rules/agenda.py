"""Agenda setting: salience grows with news coverage and decays without it."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.rule import Rule


@inlined
def remembered(
    salience: float,
    coverage: float,
    media_use: float,
    agenda_effect: float,
    salience_decay: float,
) -> float:
    """Return how much the issue matters, 0 to 1."""
    learned = agenda_effect * coverage * media_use
    return min(1.0, (1.0 - salience_decay) * salience + learned)


AGENDA_SETTING = Rule(
    name="agenda_setting",
    function=remembered,
    writes=("salience",),
    equation="s_i' = min(1, (1 - delta) s_i + eta coverage use_i)",
    source="McCombs & Shaw 1972",
)
