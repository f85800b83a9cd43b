"""Why two nodes differ: each change alone, their interaction, the social rules; and the check.

Changes are valued in closed form, exactly and without replicates; the social rules, which have no
closed form, by simulating the same numbers with and without them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agentverse.comparisons import survey_fit
from agentverse.comparisons.pairing import Pair, PairedShares, shared_length
from agentverse.comparisons.schemas import ClosedForm, Driver
from agentverse.comparisons.windows import Window
from agentverse.compiler import wording
from agentverse.runs.inputs import with_parameters
from agentverse.runs.intervals import central
from agentverse.universe import variables
from agentverse_engine import EventScript, Scenario, Variable
from agentverse_engine.closed_form import expectation
from agentverse_engine.closed_form.expectation import DRAWS, Coefficients
from agentverse_engine.packs.consumer_choice import MEDIA as ADVERTISING

Floats = NDArray[np.float64]

CLOSED: Final = "closed-form logit, social rules off; exact, so without an interval"
SIMULATED: Final = (
    "simulated difference with the social rules − simulated difference without them, paired by "
    "replicate"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    drivers: list[Driver]
    closed_form: list[ClosedForm]
    assumptions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One script that only one of the two chains has, and the chain that tells its effect."""

    sentence: str
    event_scripts: tuple[EventScript, ...]


def explain(
    pair: Pair, window: Window, *, social: PairedShares, without: Sequence[PairedShares]
) -> Causes:
    """social: the outcome alternative with the rules on; without: every alternative, off."""
    if not has_closed_form(pair):
        return _simulated_causes(pair, social=social, plain=without[pair.outcome_place])
    base = _scenario(pair, pair.base.event_scripts)
    branch = _scenario(pair, pair.branch.event_scripts)
    fitted = expectation.fitted(base)
    shares = [expectation.expected(one, fitted, window)[0] for one in (base, branch)]
    position = pair.outcome_place
    changes = _changes(pair, window, fitted, shares[0])
    drivers = [
        *(_closed(f"change_{n}", text, "change", effect[position]) for n, text, effect in changes),
        *_interaction(changes, shares[1] - shares[0], position),
        _social(pair, social, without[position]),
    ]
    return Causes(
        drivers=drivers,
        closed_form=_closed_forms(pair, window, (base, branch), shares, without),
        assumptions=_assumptions(pair, base),
    )


def has_closed_form(pair: Pair) -> bool:
    """Only for a logit, and scripts that treat all of a segment and region alike."""
    scripts = (*pair.base.event_scripts, *pair.branch.event_scripts)
    plain = all(one.condition is None and not one.scope.by_persona for one in scripts)
    return plain and pair.registry.selection.closed_form


def _simulated_causes(pair: Pair, *, social: PairedShares, plain: PairedShares) -> Causes:
    """What can be said without a closed form: the share of the social rules, paired."""
    return Causes(
        drivers=[_social(pair, social, plain)],
        closed_form=[],
        assumptions=_simulated_assumptions(pair),
    )


def _scenario(pair: Pair, event_scripts: tuple[EventScript, ...]) -> Scenario:
    return pair.registry.scenario(
        variables.spec_of(pair.project, event_scripts), social_rules=False
    )


def _deltas(pair: Pair) -> list[Delta]:
    """Scripts of the branch laid on the base one at a time; then those of the base taken away."""
    base, branch = pair.base.event_scripts, pair.branch.event_scripts
    shared = shared_length(base, branch)
    added = [
        Delta(sentence=sentence, event_scripts=(*base, script))
        for script, sentence in zip(branch[shared:], pair.branch.sentences[shared:], strict=True)
    ]
    removed = [
        Delta(
            sentence=f"without: {pair.base.sentences[place]}",
            event_scripts=base[:place] + base[place + 1 :],
        )
        for place in range(shared, len(base))
    ]
    return added + removed


def _changes(
    pair: Pair, window: Window, fitted: Coefficients, base: Floats
) -> list[tuple[int, str, Floats]]:
    """Number, sentence and effect float64[alternatives] of each change alone."""
    return [
        (
            number,
            delta.sentence,
            expectation.expected(_scenario(pair, delta.event_scripts), fitted, window)[0] - base,
        )
        for number, delta in enumerate(_deltas(pair), start=1)
    ]


def _interaction(
    changes: list[tuple[int, str, Floats]], together: Floats, position: int
) -> list[Driver]:
    if len(changes) < 2:
        return []
    alone = sum(float(effect[position]) for _, _, effect in changes)
    label = "interaction of the changes"
    return [_closed("interaction", label, "interaction", float(together[position]) - alone)]


def _closed(name: str, label: str, kind: str, effect: float) -> Driver:
    return Driver.model_validate(
        {
            "name": name,
            "label": label,
            "kind": kind,
            "effect": float(effect),
            "low": None,
            "high": None,
            # Exact: any effect that is not rounding noise is an effect.
            "clear": abs(effect) > 1e-9,
            "method": CLOSED,
        }
    )


def _social(pair: Pair, social: PairedShares, plain: PairedShares) -> Driver:
    values = (social.branch - social.base) - (plain.branch - plain.base)
    low, median, high = central(values)
    return Driver(
        name="social_rules",
        label=pair.registry.template.social,
        kind="social_rules",
        effect=median,
        low=low,
        high=high,
        clear=low > 0 or high < 0,
        method=f"{SIMULATED}; median and central 90 % of {len(values)} replicates",
    )


def _closed_forms(
    pair: Pair,
    window: Window,
    scenarios: tuple[Scenario, Scenario],
    shares: list[Floats],
    without: Sequence[PairedShares],
) -> list[ClosedForm]:
    low, high = _sampling_interval(pair, window, scenarios)
    return [
        ClosedForm(
            alternative=name,
            base=float(shares[0][place]),
            branch=float(shares[1][place]),
            difference=float(shares[1][place] - shares[0][place]),
            difference_low=float(low[place]),
            difference_high=float(high[place]),
            simulated_base=without[place].wire.base,
            simulated_branch=without[place].wire.branch,
            simulated_difference=without[place].wire.difference,
        )
        for place, name in enumerate(pair.registry.names)
    ]


def _sampling_interval(
    pair: Pair, window: Window, scenarios: tuple[Scenario, Scenario]
) -> tuple[Floats, Floats]:
    """90 % of the estimation's sampling distribution; both nodes see the same draws."""
    draws = expectation.sampled(
        scenarios[0], pair.registry.estimated, pair.registry.covariance, draws=DRAWS
    )
    base, branch = (expectation.expected(one, draws, window) for one in scenarios)
    low, high = np.quantile(branch - base, (0.05, 0.95), axis=0)
    return low, high


def _assumptions(pair: Pair, scenario: Scenario) -> list[str]:
    """What a reader must know; scenario: the base node's, with the project's own parameters."""
    assumed = [variable for variable in scenario.variables if variable.assumption]
    media = [variable for variable in assumed if variable.name in ADVERTISING]
    social = [
        variable
        for variable in assumed
        if variable not in media and variable.family != "advertising"
    ]
    sentences = [
        "The data do not identify the social rules; their defaults come from the literature: "
        f"{wording.listing([_assumed(pair, variable) for variable in social])}. Every result is "
        "also shown with these rules switched off.",
        *_advertising(pair, media),
        *_social_baseline(pair, scenario.variables),
        f"Intervals are the central 90 % of {pair.project.replicates} replicates with common "
        "random numbers: they cover the randomness of the simulation, not the error of the "
        "estimated coefficients.",
        f"Only the closed form's interval covers the estimation: {DRAWS} draws from the "
        "coefficients' sampling distribution (Krinsky & Robb 1986), social rules off.",
    ]
    most = expectation.most_profiles(scenario)
    if len(expectation.profiles(scenario.population).weights) > most:
        sentences.append(f"Those draws use an even sample of {most:,} different personas.")
    rate = next(item for item in scenario.variables if item.name == "replacement_rate")
    sentences.append(f"Personas replace at a constant rate: {_assumed(pair, rate)}.")
    return sentences


def _advertising(pair: Pair, media: Sequence[Variable]) -> list[str]:
    """Said where advertising is part of the model."""
    if not media:
        return []
    return [
        "Nor do they identify what advertising does: "
        f"{wording.listing([_assumed(pair, variable) for variable in media])}. The closed form's "
        "interval does not cover it."
    ]


def _simulated_assumptions(pair: Pair) -> list[str]:
    registry, template = pair.registry, pair.registry.template
    variables = with_parameters(registry.variables, pair.project.parameters)
    return [
        "There is no closed form to check against here, so single changes are not told apart; "
        f"the driver “{template.social}” is the simulated difference with these rules less the "
        "one without them.",
        f"Intervals are the central 90 % of {pair.project.replicates} replicates with common "
        "random numbers: they cover the randomness of the simulation, not the error of its "
        "parameters.",
        *_social_baseline(pair, variables),
        *_starts(pair),
        *(
            f"Assumption: {_assumed(pair, variable)}."
            for variable in variables
            if variable.assumption and variable.default is not None
        ),
    ]


def _starts(pair: Pair) -> list[str]:
    """Where the personas start: shares of the alternatives, and columns the survey lacks."""
    registry = pair.registry
    named = ", ".join(
        f"{group.label} {100 * group.personas / len(registry.population):.4g} %"
        for group in registry.alternatives
    )
    given = registry.selection.start_shares is not None
    source = "set in this project" if given else registry.template.start_source
    start = [f"At the start: {named} ({source})."] if source else []
    missing = set(registry.population.attributes) - set(registry.snapshot.population.attributes)
    drawn = [spread for spread in registry.pack.spreads if spread.column in missing]
    return start + [
        f"“{_column(pair, one.column)}” is drawn for each persona ({one.source})." for one in drawn
    ]


def _column(pair: Pair, name: str) -> str:
    """What people call a column of the personas: an attribute or a level."""
    known = {variable.name: wording.called(variable) for variable in pair.registry.variables}
    return known.get(name) or pair.registry.names_in_words[name]


def _social_baseline(pair: Pair, variables: Sequence[Variable]) -> list[str]:
    """Said unless the project itself switched the rules off."""
    if pair.survey_fit is None:
        return []
    values = {variable.name: variable.default for variable in variables}
    linear = values.get("value_exponent", 1) == 1
    if values["conformity"] == 0 and values["loss_aversion"] == 1 and linear:
        return []
    label = pair.registry.alternative_labels[pair.project.outcome_alternative]
    return [survey_fit.sentence(pair.survey_fit, label=label, tick_unit="month")]


def _assumed(pair: Pair, variable: Variable) -> str:
    """A parameter with its value and where that comes from."""
    own = variable.name in pair.project.parameters
    source = "set in this project" if own else variable.source.removeprefix("assumption: ")
    unit = "" if variable.unit == "1" else f" {variable.unit}"
    return f"{variable.label} = {variable.default:.4g}{unit} ({source})"
