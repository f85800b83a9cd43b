"""Simple contagion: infection by each infected neighbour, recovery, vaccination."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.rng import INFECTION as INFECTION_DRAWS
from agentverse_engine.numerics.rng import RECOVERY as RECOVERY_DRAWS
from agentverse_engine.numerics.rng import VACCINATION as VACCINATION_DRAWS
from agentverse_engine.rules.hazard import chance_of_any
from agentverse_engine.rules.rule import Rule

SUSCEPTIBLE, INFECTED, RECOVERED = 0, 1, 2


@inlined
def catches(
    choice: int,
    new_choice: int,
    count_infected: int,
    infection_chance: float,
    contact_reduction: float,
    draw: float,
) -> int:
    """Return INFECTED where one of the infected neighbours passes it on in this tick."""
    if choice != SUSCEPTIBLE or count_infected == 0:
        return new_choice
    chance = (1.0 - contact_reduction) * infection_chance
    return INFECTED if draw < chance_of_any(chance, 1.0 * count_infected) else new_choice


@inlined
def is_immunised(choice: int, new_choice: int, vaccination_rate: float, draw: float) -> int:
    """Return RECOVERED, which is immune, for the susceptible who are vaccinated in time."""
    if choice != SUSCEPTIBLE or new_choice != SUSCEPTIBLE:
        return new_choice
    return RECOVERED if draw < vaccination_rate else new_choice


@inlined
def becomes_immune(choice: int, new_choice: int, recovery_chance: float, draw: float) -> int:
    """Return RECOVERED for those of the infected at the tick's start who recover in it."""
    if choice != INFECTED:
        return new_choice
    return RECOVERED if draw < recovery_chance else new_choice


@inlined
def becomes_susceptible(choice: int, new_choice: int, recovery_chance: float, draw: float) -> int:
    """Return SUSCEPTIBLE for those of the infected at the tick's start who recover in it."""
    if choice != INFECTED:
        return new_choice
    return SUSCEPTIBLE if draw < recovery_chance else new_choice


INFECTION = Rule(
    name="infection",
    function=catches,
    writes=("choice",),
    social=True,
    purpose=int(INFECTION_DRAWS),
    equation="P(S -> I in a tick) = 1 - (1 - (1 - contact_reduction) infection_chance)**k, "
    "k infected neighbours",
    source="Kermack & McKendrick 1927 in discrete time and on contacts (Reed & Frost, in "
    "Abbey 1952)",
)
VACCINATION = Rule(
    name="vaccination",
    function=is_immunised,
    writes=("choice",),
    purpose=int(VACCINATION_DRAWS),
    equation="P(S -> R in a tick, unless infected in it) = vaccination_rate",
    source="Anderson & May 1991; full protection at once",
)
RECOVERY = Rule(
    name="recovery",
    function=becomes_immune,
    writes=("choice",),
    purpose=int(RECOVERY_DRAWS),
    equation="P(I -> R in a tick) = recovery_chance",
    source="Kermack & McKendrick 1927, constant hazard",
)
RECOVERY_WITHOUT_IMMUNITY = Rule(
    name="recovery_without_immunity",
    function=becomes_susceptible,
    writes=("choice",),
    purpose=int(RECOVERY_DRAWS),
    equation="P(I -> S in a tick) = recovery_chance",
    source="Hethcote 1976, SIS, constant hazard",
)
