"""One issue in public: the levels that people carry about it, campaigns and news that move them."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.inputs.variables import Variable, attribute, parameter
from agentverse_engine.packs.pack import Level, Spread
from agentverse_engine.packs.starting import beta_4_2
from agentverse_engine.rules import (
    AGENDA_SETTING,
    MEDIA_EXPOSURE,
    MEDIA_HABITUATION,
    MEDIA_PERSUASION,
    Rule,
)
from agentverse_engine.rules.deffuant import OPINION_STEPS

MOST_CONTACTS = 10.0
LONGEST_MEMORY = 0.95
MOST_EXPOSURE = MOST_CONTACTS / (1.0 - LONGEST_MEMORY)

LEVELS = (
    Level(
        name="opinion",
        label="opinion (0 against, 1 for)",
        unit="1",
        minimum=0.0,
        maximum=1.0,
        default=0.5,
        per_unit=OPINION_STEPS,
    ),
    Level(
        name="salience",
        label="importance of the issue",
        unit="1",
        minimum=0.0,
        maximum=1.0,
        default=0.5,
    ),
    Level(
        name="exposure",
        label="campaign exposure",
        unit="contacts",
        minimum=-MOST_EXPOSURE,
        maximum=MOST_EXPOSURE,
        default=0.0,
        per_unit=2**20,
    ),
    Level(
        name="receptivity",
        label="receptivity to messages",
        unit="1",
        minimum=0.0,
        maximum=1.0,
        default=1.0,
    ),
)
BEFORE_INFLUENCE: tuple[Rule, ...] = (MEDIA_EXPOSURE, MEDIA_HABITUATION)
AFTER_INFLUENCE: tuple[Rule, ...] = (MEDIA_PERSUASION, AGENDA_SETTING)


def same(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the uniforms themselves, float64[n], of uniforms float64[n, 1]."""
    return draws[:, 0]


SPREADS = (
    Spread(
        column="opinion",
        quantiles=same,
        source="uniform on 0 to 1, as in Deffuant et al. 2000 and Hegselmann & Krause 2002",
    ),
    Spread(
        column="susceptibility",
        quantiles=beta_4_2,
        draws=5,
        source="assumption: Beta(4, 2), mean 2/3",
    ),
    Spread(column="media_use", quantiles=same, source="assumption: uniform on 0 to 1"),
)
MEDIA_USE = attribute(
    "media_use",
    label="share of campaign contacts and of the news that reaches a persona",
    bounds=(0.0, 1.0),
    source="assumption: uniform over personas",
    synonyms=("media consumption", "news use", "reach"),
)


def campaign_variables(*, persuasion_rate: float, persuasion_source: str) -> tuple[Variable, ...]:
    """Return the registry of campaigns and news; persuasion_rate: share per tick, 0 to 0.12."""
    return (
        parameter(
            "campaign_for",
            label="campaign in favour",
            unit="contacts per tick",
            default=0.0,
            bounds=(0.0, MOST_CONTACTS),
            source="assumption: no campaign",
            synonyms=("advertising in favour", "yes campaign", "positive campaign"),
        ),
        parameter(
            "campaign_against",
            label="campaign against",
            unit="contacts per tick",
            default=0.0,
            bounds=(0.0, MOST_CONTACTS),
            source="assumption: no campaign",
            synonyms=("advertising against", "no campaign", "negative campaign"),
        ),
        parameter(
            "coverage",
            label="attention of the news to the issue",
            default=0.5,
            bounds=(0.0, 1.0),
            source="assumption: half of what it can be",
            synonyms=("news coverage", "media attention", "headlines"),
        ),
        parameter(
            "persuasion_rate",
            label="share of those not yet persuaded whom full exposure wins each tick",
            unit="per tick",
            default=persuasion_rate,
            bounds=(0.0, 0.12),
            source=persuasion_source,
            synonyms=("persuasiveness", "campaign effect"),
        ),
        *_contact_variables(),
        *_agenda_variables(),
    )


def _contact_variables() -> tuple[Variable, ...]:
    return (
        parameter(
            "contact_half_saturation",
            label="contacts at which half of the largest response is reached",
            unit="contacts",
            default=1.0,
            bounds=(0.1, 100.0),
            source="assumption: one contact; response A / (K + A), Hill 1910",
        ),
        parameter(
            "exposure_memory",
            label="share of past contacts still remembered at the next tick",
            default=0.6,
            bounds=(0.0, LONGEST_MEMORY),
            source="assumption: the middle of 0.3 to 0.9 a week (adstock, Koyck 1954)",
            synonyms=("adstock", "carry-over", "advertising memory"),
        ),
        parameter(
            "habituation_speed",
            label="how fast people tire of repeated messages",
            unit="per tick",
            default=0.2,
            bounds=(0.0, 1.0),
            source="assumption: within 0.05 to 0.5; form of Stanley 1976, Rankin et al. 2009",
            synonyms=("habituation", "message fatigue", "wear-out"),
        ),
        parameter(
            "habituation_recovery",
            label="how fast they recover when messages stop, against how fast they tire",
            default=0.05,
            bounds=(0.0, 1.0),
            source="assumption: within 0.01 to 0.2; form of Stanley 1976, Rankin et al. 2009",
            synonyms=("recovery from fatigue",),
        ),
    )


def _agenda_variables() -> tuple[Variable, ...]:
    return (
        parameter(
            "agenda_effect",
            label="how much full coverage adds to what the issue matters",
            unit="per tick",
            default=0.2,
            bounds=(0.0, 1.0),
            source="assumption: holds salience at a half with the other defaults; McCombs & Shaw "
            "1972 give the direction",
            synonyms=("agenda setting",),
        ),
        parameter(
            "salience_decay",
            label="share of its importance that an issue loses each tick",
            unit="per tick",
            default=0.1,
            bounds=(0.0, 1.0),
            source="assumption: halves in 7 ticks without news; McCombs & Shaw 1972",
            synonyms=("forgetting", "issue attention cycle"),
        ),
    )
