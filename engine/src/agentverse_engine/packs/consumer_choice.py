"""The pack `consumer_choice`: systems that end are replaced by a logit under social rules."""

from collections.abc import Mapping, Sequence

from agentverse_engine.choice_model import ChoiceModel
from agentverse_engine.packs.pack import Pack
from agentverse_engine.rules import (
    CONFORMITY,
    LOGIT_CHOICE,
    LOGIT_UTILITY,
    LOSS_AVERSION,
    MEDIA_UTILITY,
    REPLACEMENT,
)
from agentverse_engine.variables import SHARES, Variable, parameter

BEHAVIOUR = ("replacement_rate", "conformity", "loss_aversion")
MEDIA = ("media_effect", "media_half_saturation")


def consumer_choice(model: ChoiceModel, *, media: bool = False) -> Pack:
    """Return the pack for a fitted choice model, with or without advertising.

    Its registry needs the data's ranges and words: `consumer_choice_variables`.
    """
    advertising = tuple(f"advertising.{name}" for name in model.alternatives)
    return Pack(
        name="consumer_choice",
        alternatives=model.alternatives,
        rules=(
            REPLACEMENT,
            LOGIT_UTILITY,
            *((MEDIA_UTILITY,) if media else ()),
            LOSS_AVERSION,
            CONFORMITY,
            LOGIT_CHOICE,
        ),
        parameters=(*BEHAVIOUR, *((*MEDIA, *advertising) if media else ())),
        attributes=tuple(name for row in model.attribute_names() for name in row),
        constants={
            "coefficients": model.coefficient_vector(),
            "constants": model.constant_vector(),
        },
        model=model,
    )


def consumer_choice_variables(
    model: ChoiceModel,
    *,
    attribute_ranges: Mapping[str, tuple[float, float]],
    family_labels: Mapping[str, str],
    family_units: Mapping[str, str],
    alternative_labels: Mapping[str, str],
    attribute_source: str,
    synonyms: Mapping[str, Sequence[str]] | None = None,
    media: bool = False,
) -> tuple[Variable, ...]:
    """Return the registry of the pack, with or without advertising.

    `synonyms` maps a family, a parameter or a full variable name to the words people use for it.
    """
    words = {key: tuple(value) for key, value in (synonyms or {}).items()}
    attributes = tuple(
        Variable(
            name=f"{family}.{alternative}",
            label=f"{family_labels[family]} of {alternative_labels[alternative]}",
            unit=family_units[family],
            minimum=attribute_ranges[family][0],
            maximum=attribute_ranges[family][1],
            default=None,
            kind="attribute",
            family=family,
            alternative=alternative,
            moves=SHARES,
            source=attribute_source,
            synonyms=words.get(family, ()) + words.get(f"{family}.{alternative}", ()),
        )
        for family in model.coefficients
        for alternative in model.alternatives
    )
    behaviour = (*attributes, *consumer_choice_parameters(synonyms=words))
    if not media:
        return behaviour
    advertising = _advertising(alternative_labels, model.alternatives, words)
    return (*behaviour, *_media(synonyms=words), *advertising)


def consumer_choice_parameters(
    *, synonyms: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Variable, ...]:
    """Return the three behavioural parameters with their literature defaults and bounds."""
    words = synonyms or {}
    return (
        parameter(
            "replacement_rate",
            label="share of systems that reach their end of life each month",
            unit="per month",
            default=1 / 216,
            bounds=(0.0, 1.0),
            source="ASHRAE median furnace life of 18 years: one in 216 systems ends each month",
            synonyms=words.get("replacement_rate", ()),
        ),
        parameter(
            "conformity",
            label="pull of what the neighbours have",
            default=1.67,
            bounds=(0.0, 3.0),
            source="assumption: Bond & Smith 1996, d = 0.92, as log-odds d*pi/sqrt(3)",
            synonyms=words.get("conformity", ()),
        ),
        parameter(
            "loss_aversion",
            label="weight of losses against gains, seen from the current system",
            default=2.25,
            bounds=(1.0, 4.0),
            source="assumption: Tversky & Kahneman 1992, lambda = 2.25",
            synonyms=words.get("loss_aversion", ()),
        ),
    )


def _media(*, synonyms: Mapping[str, tuple[str, ...]]) -> tuple[Variable, ...]:
    return (
        parameter(
            "media_effect",
            label="largest effect of advertising on utility",
            default=0.5,
            bounds=(0.0, 3.0),
            source="assumption: a quarter of it, at half saturation, is the short-run advertising "
            "elasticity of 0.12 (Sethuraman, Tellis & Briesch 2011)",
            synonyms=synonyms.get("media_effect", ()),
        ),
        parameter(
            "media_half_saturation",
            label="advertising at which half of its largest effect is reached",
            unit="rating points",
            default=100.0,
            bounds=(1.0, 10_000.0),
            source="assumption: one contact with everybody a month, 100 rating points",
            synonyms=synonyms.get("media_half_saturation", ()),
        ),
    )


def _advertising(
    labels: Mapping[str, str], alternatives: Sequence[str], words: Mapping[str, tuple[str, ...]]
) -> tuple[Variable, ...]:
    return tuple(
        parameter(
            f"advertising.{name}",
            label=f"advertising for {labels[name]}",
            unit="rating points",
            default=0.0,
            bounds=(0.0, 10_000.0),
            source="assumption: none beyond what the fitted constants hold; keeps 0.6 a month "
            "(adstock, Koyck 1954)",
            family="advertising",
            alternative=name,
            synonyms=words.get("advertising", ()) + words.get(f"advertising.{name}", ()),
            inertia=0.6,
        )
        for name in alternatives
    )
