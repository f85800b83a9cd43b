"""The pack `consumer_choice`: systems that end are replaced by a logit under social rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agentverse_engine.errors import PackError, VariableError
from agentverse_engine.inputs.choice_model import ChoiceModel
from agentverse_engine.inputs.variables import SHARES, Variable, parameter
from agentverse_engine.packs.availability_variables import availability_variables
from agentverse_engine.packs.pack import Level, Pack
from agentverse_engine.rules.availability import AVAILABILITY
from agentverse_engine.rules.choice import (
    CONFORMITY,
    LOGIT_CHOICE,
    LOGIT_UTILITY,
    LOSS_AVERSION,
    MEDIA_UTILITY,
)
from agentverse_engine.rules.nested_logit import NESTING, Nest, nesting_constants
from agentverse_engine.rules.prospect import PROSPECT_UTILITY
from agentverse_engine.rules.replacement import REPLACEMENT
from agentverse_engine.rules.rule import Rule
from agentverse_engine.rules.wearout import KEPT_CHOICE, WEAROUT, WORN_MEDIA

BEHAVIOUR = ("replacement_rate", "conformity", "loss_aversion")
# The attribute family, 1 or 0, of what a person cannot choose, and its coefficient: beside it no
# utility counts, so the probability is exactly 0 in every rule and in the closed form.
NOT_OFFERED = "not_offered"
UNREACHABLE = -1000.0
MEDIA = ("media_effect", "media_half_saturation")
WORN = ("habituation", "recovery")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRate:
    """How often people choose anew: rate, share of them at each tick (0 to 1); label, source."""

    rate: float
    label: str
    source: str


SELDOM = ChoiceRate(
    rate=1 / 216,
    label="share of people who choose anew each month",
    source="assumption: what is chosen lasts 18 years, so one in 216 chooses anew each month",
)
RESPONSIVENESS = Level(
    name="responsiveness",
    label="responsiveness to advertising",
    unit="share",
    minimum=0.0,
    maximum=1.0,
    default=1.0,
)


def consumer_choice(
    model: ChoiceModel,
    *,
    media: bool = False,
    prospect: bool = False,
    nests: Sequence[Nest] = (),
    wearout: bool = False,
    removable: bool = False,
) -> Pack:
    """Return the pack for a fitted choice model.

    media: with advertising; wearout: which loses its effect on who sees much of it (then flows
    count changes only, not replacements by the same); prospect: gains and losses against the
    current system count with diminishing sensitivity, not linearly; nests: alternatives that
    resemble each other; removable: scripts may take alternatives away (whoever has one keeps it
    until the next choice). Its registry needs the data's ranges and words:
    `consumer_choice_variables`. Raises a PackError for wear-out without media, or bad nests.
    """
    if wearout and not media:
        raise PackError(
            "needs advertising that can wear out.", field="wearout", fix="Set media=True too."
        )
    own = (*BEHAVIOUR, *(("value_exponent",) if prospect else ()))
    advertising = tuple(f"advertising.{name}" for name in model.alternatives)
    return Pack(
        name="consumer_choice",
        alternatives=model.alternatives,
        rules=_rules(
            media=media,
            prospect=prospect,
            nested=bool(nests),
            wearout=wearout,
            removable=removable,
        ),
        levels=(RESPONSIVENESS,) if wearout else (),
        parameters=(
            *own,
            *((*MEDIA, *advertising) if media else ()),
            *(WORN if wearout else ()),
            *(f"availability.{name}" for name in (model.alternatives if removable else ())),
        ),
        attributes=tuple(name for row in model.attribute_names() for name in row),
        constants={
            "coefficients": model.coefficient_vector(),
            "constants": model.constant_vector(),
            **(nesting_constants(model.alternatives, nests) if nests else {}),
        },
        model=model,
    )


def with_constants(pack: Pack, shifts: Mapping[str, float]) -> Pack:
    """Return the pack with these added to the model's constants, utility per alternative.

    An alternative without a shift keeps its constant. PackError: no choice model, or a shift of
    an alternative that the model lacks.
    """
    if pack.model is None:
        raise PackError("has no choice model.", field=pack.name, fix="Use consumer_choice.")
    unknown = [name for name in shifts if name not in pack.alternatives]
    if unknown:
        raise PackError(
            f"name {', '.join(unknown)}.",
            field="shifts",
            fix=f"Use {', '.join(pack.alternatives)}.",
        )
    constants = dict(pack.model.constants)
    for name, shift in shifts.items():
        if shift:
            constants[name] = constants.get(name, 0.0) + float(shift)
    model = replace(pack.model, constants=constants)
    return replace(
        pack, model=model, constants={**pack.constants, "constants": model.constant_vector()}
    )


def _rules(
    *, media: bool, prospect: bool, nested: bool, wearout: bool, removable: bool
) -> tuple[Rule, ...]:
    """With wear-out every persona is advanced at every tick, so the replacement is no gate."""
    return (
        *((WEAROUT,) if wearout else (REPLACEMENT,)),
        LOGIT_UTILITY,
        *((WORN_MEDIA if wearout else MEDIA_UTILITY,) if media else ()),
        PROSPECT_UTILITY if prospect else LOSS_AVERSION,
        CONFORMITY,
        *((AVAILABILITY,) if removable else ()),
        *((NESTING,) if nested else ()),
        LOGIT_CHOICE,
        *((KEPT_CHOICE,) if wearout else ()),
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
    choice_rate: ChoiceRate = SELDOM,
    media: bool = False,
    prospect: bool = False,
    wearout: bool = False,
    removable: bool = False,
) -> tuple[Variable, ...]:
    """Return the registry of the pack; media, prospect, wearout, removable: `consumer_choice`.

    choice_rate: how often people choose, as the data say it or as is assumed.
    `synonyms` maps a family, a parameter or a full variable name to the words people use for it.
    VariableError: a mapping that lacks a family or an alternative of the model.
    """
    families = tuple(model.coefficients)
    if NOT_OFFERED in families:
        attribute_ranges = {**attribute_ranges, NOT_OFFERED: (0.0, 1.0)}
        family_labels = {**family_labels, NOT_OFFERED: "absence from the offer"}
        family_units = {**family_units, NOT_OFFERED: "1"}
    _check_entries("attribute_ranges", attribute_ranges, families)
    _check_entries("family_labels", family_labels, families)
    _check_entries("family_units", family_units, families)
    _check_entries("alternative_labels", alternative_labels, model.alternatives)
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
    behaviour = (*attributes, *consumer_choice_parameters(words, choice_rate))
    if prospect:
        behaviour = (*behaviour, _value_exponent(words))
    if removable:
        offer = availability_variables(alternative_labels, model.alternatives)
        behaviour = (*behaviour, *offer)
    if not media:
        return behaviour
    advertising = _advertising(alternative_labels, model.alternatives, words)
    worn = _wearout(words) if wearout else ()
    return (*behaviour, *_media(synonyms=words), *advertising, *worn)


def _check_entries(field: str, given: Mapping[str, object], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in given]
    if missing:
        raise VariableError(
            f"lacks {', '.join(missing)}.",
            field=field,
            fix=f"Give an entry for each of {', '.join(needed)}.",
        )


def consumer_choice_parameters(
    synonyms: Mapping[str, tuple[str, ...]] | None = None, choice_rate: ChoiceRate = SELDOM
) -> tuple[Variable, ...]:
    """Return the three behavioural parameters with their literature defaults and bounds."""
    words = synonyms or {}
    return (
        parameter(
            "replacement_rate",
            label=choice_rate.label,
            unit="per month",
            default=choice_rate.rate,
            bounds=(0.0, 1.0),
            source=choice_rate.source,
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
            label="weight of losses against gains, seen from what one has",
            default=2.25,
            bounds=(1.0, 4.0),
            source="assumption: Tversky & Kahneman 1992, lambda = 2.25",
            synonyms=words.get("loss_aversion", ()),
        ),
    )


def _value_exponent(words: Mapping[str, tuple[str, ...]]) -> Variable:
    return parameter(
        "value_exponent",
        label="sensitivity to large gains and losses; 1 is linear",
        default=0.88,
        bounds=(0.3, 1.0),
        source="assumption: Tversky & Kahneman 1992, alpha = 0.88, on utilities",
        synonyms=words.get("value_exponent", ()),
    )


def _wearout(words: Mapping[str, tuple[str, ...]]) -> tuple[Variable, ...]:
    return (
        parameter(
            "habituation",
            label="speed at which advertising wears out",
            unit="per month",
            default=0.2,
            bounds=(0.0, 1.0),
            source="assumption: tau = 0.2, within 0.05 to 0.5 (Stanley 1976; Rankin et al. 2009)",
            synonyms=words.get("habituation", ()),
        ),
        parameter(
            "recovery",
            label="speed at which a pause restores its effect, against that of wearing out",
            default=0.05,
            bounds=(0.0, 1.0),
            source="assumption: alpha = 0.05, within 0.01 to 0.2 (Stanley 1976)",
            synonyms=words.get("recovery", ()),
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
