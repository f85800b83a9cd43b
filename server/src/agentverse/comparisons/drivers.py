"""Why two nodes differ: each change alone, their interaction, the social rules; and the check.

Changes are valued in closed form, with the interval of the estimation; the social rules, which
have no closed form, by simulating the same numbers with and without them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from agentverse.comparisons.pairing import Pair, PairedShares, shared_length
from agentverse.comparisons.schemas import ClosedForm, Driver
from agentverse.comparisons.windows import Window
from agentverse.compiler import wording
from agentverse.runs.inputs import with_parameters
from agentverse.runs.intervals import central, is_clear
from agentverse.universe import variables
from agentverse.universe.headlines import Headline
from agentverse.universe.variables import Registry
from agentverse_engine import EventScript, Scenario, Variable
from agentverse_engine.closed_form import expectation
from agentverse_engine.closed_form.expectation import DRAWS
from agentverse_engine.packs.consumer_choice import MEDIA as ADVERTISING

Floats = NDArray[np.float64]

CLOSED: Final = (
    "closed-form logit, social rules off; interval: 90 % of the estimation's sampling distribution"
)
CHOICE_RATE: Final = "replacement_rate"
SIMULATED: Final = (
    "simulated difference with the social rules − simulated difference without them, paired by "
    "replicate"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    drivers: list[Driver]
    assumption_effects: list[Driver]
    closed_form: list[ClosedForm]
    assumptions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One script that only one of the two chains has, and the chain that tells its effect."""

    sentence: str
    event_scripts: tuple[EventScript, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effect:
    """What a change moves: at the estimates float64[alternatives], and over their sampling
    distribution float64[draws, alternatives]."""

    estimate: Floats
    draws: Floats

    def without(self, others: Sequence["Effect"]) -> "Effect":
        return Effect(
            estimate=self.estimate - sum((one.estimate for one in others), np.float64(0)),
            draws=self.draws - sum((one.draws for one in others), np.float64(0)),
        )


def explain(
    pair: Pair, window: Window, *, social: PairedShares, without: Sequence[PairedShares]
) -> Causes:
    """social: the alternative asked about with the rules on; without: every alternative, off."""
    plain = without[pair.about_place]
    effect = _social(pair, social, plain)
    with_rules = pair.headline == "with_social_rules"
    beside: list[Driver] = [] if with_rules else [effect]
    own = [effect] if with_rules else []
    if not has_closed_form(pair):
        together = [] if with_rules else [_together(plain)]
        return Causes(
            drivers=[*together, *own],
            assumption_effects=beside,
            closed_form=[],
            assumptions=_simulated_assumptions(pair),
        )
    valued = _Valued(pair, window)
    changes = [(one.sentence, valued.effect(one.event_scripts)) for one in _deltas(pair)]
    whole = valued.effect(pair.branch.event_scripts)
    drivers = [
        *(
            _closed(f"change_{number}", text, "change", change, pair.about_place)
            for number, (text, change) in enumerate(changes, start=1)
        ),
        *_interaction([change for _, change in changes], whole, pair.about_place),
        *own,
    ]
    return Causes(
        drivers=drivers,
        assumption_effects=beside,
        closed_form=_closed_forms(pair, valued.base, whole, without),
        assumptions=_assumptions(pair, valued.scenario),
    )


class _Valued:
    """The base node's expected shares, and what any other chain of scripts moves them by."""

    def __init__(self, pair: Pair, window: Window) -> None:
        registry = pair.registry
        self.scenario = _scenario(pair, pair.base.event_scripts)
        self._pair, self._window = pair, window
        self._fitted = expectation.fitted(self.scenario)
        # Every chain sees the same draws, so that differences are paired.
        self._draws = expectation.sampled(
            self.scenario, registry.estimated, registry.covariance, draws=DRAWS
        )
        self.base = expectation.expected(self.scenario, self._fitted, window)[0]
        self._base_draws = expectation.expected(self.scenario, self._draws, window)
        self._effects: dict[tuple[EventScript, ...], Effect] = {}

    def effect(self, event_scripts: tuple[EventScript, ...]) -> Effect:
        if event_scripts not in self._effects:
            other = _scenario(self._pair, event_scripts)
            shares = expectation.expected(other, self._fitted, self._window)[0]
            draws = expectation.expected(other, self._draws, self._window)
            self._effects[event_scripts] = Effect(
                estimate=shares - self.base, draws=draws - self._base_draws
            )
        return self._effects[event_scripts]


def has_closed_form(pair: Pair) -> bool:
    """Only for a logit, and scripts that treat all of a segment and region alike."""
    scripts = (*pair.base.event_scripts, *pair.branch.event_scripts)
    plain = all(one.condition is None and not one.scope.by_persona for one in scripts)
    return plain and pair.registry.selection.closed_form


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
            sentence=f"without: {pair.base.sentences[index]}",
            event_scripts=base[:index] + base[index + 1 :],
        )
        for index in range(shared, len(base))
    ]
    return added + removed


def _interaction(changes: list[Effect], whole: Effect, position: int) -> list[Driver]:
    if len(changes) < 2:
        return []
    rest = whole.without(changes)
    return [_closed("interaction", "interaction of the changes", "interaction", rest, position)]


def _closed(
    name: str, label: str, kind: Literal["change", "interaction"], effect: Effect, position: int
) -> Driver:
    low, high = np.quantile(effect.draws[:, position], (0.05, 0.95))
    return Driver(
        name=name,
        label=label,
        kind=kind,
        effect=float(effect.estimate[position]),
        low=float(low),
        high=float(high),
        clear=is_clear(float(low), float(high)),
        method=CLOSED,
    )


def _together(plain: PairedShares) -> Driver:
    """Where single changes cannot be told apart: all of them, as simulated."""
    strip = plain.wire.difference
    return Driver(
        name="changes",
        label="all changes together",
        kind="change",
        effect=strip.median,
        low=strip.low,
        high=strip.high,
        clear=plain.wire.clear,
        method="simulated difference without the social rules, paired by replicate; median and "
        f"central 90 % of {len(plain.base)} replicates",
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
        clear=is_clear(low, high),
        method=f"{SIMULATED}; median and central 90 % of {len(values)} replicates",
    )


def _closed_forms(
    pair: Pair, base: Floats, whole: Effect, without: Sequence[PairedShares]
) -> list[ClosedForm]:
    """base: expected shares float64[alternatives] of the base node."""
    low, high = np.quantile(whole.draws, (0.05, 0.95), axis=0)
    return [
        ClosedForm(
            alternative=name,
            base=float(base[index]),
            branch=float(base[index] + whole.estimate[index]),
            difference=float(whole.estimate[index]),
            difference_low=float(low[index]),
            difference_high=float(high[index]),
            simulated_base=without[index].wire.base,
            simulated_branch=without[index].wire.branch,
            simulated_difference=without[index].wire.difference,
        )
        for index, name in enumerate(pair.registry.names)
    ]


def _assumptions(pair: Pair, scenario: Scenario) -> list[str]:
    """What a reader must know; scenario: the base node's, with the project's own parameters."""
    assumed = [variable for variable in scenario.variables if variable.assumption]
    media = [variable for variable in assumed if variable.name in ADVERTISING]
    social = [
        variable
        for variable in assumed
        if variable not in media
        and variable.family != "advertising"
        and variable.name != CHOICE_RATE
    ]
    shown = (
        "The project has switched them on, so the run with them comes first; the one without them "
        "stands beside it."
        if pair.headline == "with_social_rules"
        else "So the run without them comes first; what they would add stands beside it."
    )
    sentences = [
        "The data do not identify the social rules; their defaults come from the literature: "
        f"{wording.listing([_assumed(pair, variable) for variable in social])}. {shown}",
        *_advertising(pair, media),
        *_recalibrated(pair, scenario.variables),
        f"Intervals are the central 90 % of {pair.project.replicates} replicates with common "
        f"random numbers: they cover the randomness of the simulation{_estimation_covered(pair)}.",
        "The intervals of the closed form and of the drivers cover the estimation alone: "
        f"{DRAWS} draws from the coefficients' sampling distribution (Krinsky & Robb 1986), social "
        "rules off.",
    ]
    most = expectation.most_profiles(scenario)
    if len(expectation.profiles(scenario.population).weights) > most:
        sentences.append(f"Those draws use an even sample of {most:,} different personas.")
    rate = next(item for item in scenario.variables if item.name == CHOICE_RATE)
    sentences.append(f"People choose anew at a constant rate: {_assumed(pair, rate)}.")
    return sentences


def _estimation_covered(pair: Pair) -> str:
    if not pair.project.estimation:
        return ", not the error of the estimated coefficients"
    return (
        " and the error of the estimated coefficients, of which each replicate has a draw of its "
        "own"
    )


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
        *_recalibrated(pair, variables),
        *_starts(pair),
        *_rested(pair),
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
    source = _start_source(registry)
    start = [f"At the start: {named} ({source})."] if source else []
    taken = {item.role for item in registry.selection.roles}
    present = taken | set(registry.snapshot.population.attributes)
    missing = set(registry.population.attributes) - present
    drawn = [spread for spread in registry.pack.spreads if spread.column in missing]
    return start + [
        f"“{_column(pair, one.column)}” is drawn for each persona ({one.source})." for one in drawn
    ]


def _rested(pair: Pair) -> list[str]:
    """What the opinions that people were found with leave of an assumption."""
    summary = pair.base.launch.summary(pair.headline)
    gave_way = None if summary is None else summary.susceptibility
    if gave_way is None:
        return []
    return [
        "The opinions found are taken as a point of rest: people hold to what, with their "
        f"neighbours, leads to them. For {100 * gave_way['lowered']:.0f} % that would lie outside "
        "the scale, so they listen to others less than assumed: the mean weight of other people's "
        f"opinions is {gave_way['allowed']:.2f} instead of {gave_way['assumed']:.2f}."
    ]


def _start_source(registry: Registry) -> str:
    selection = registry.selection
    if selection.start_shares is not None:
        return "set in this project"
    columns = ", ".join(item.column for item in selection.roles)
    if selection.takes_state:
        return f"as the file says: {columns}"
    return registry.template.start_source


def _column(pair: Pair, name: str) -> str:
    """What people call a column of the personas: an attribute or a level."""
    labels = {variable.name: wording.called(variable) for variable in pair.registry.variables}
    return labels.get(name) or pair.registry.names_in_words[name]


def _recalibrated(pair: Pair, variables: Sequence[Variable]) -> list[str]:
    """How the run with the social rules is kept on the survey; nothing where they are off."""
    template = pair.registry.template
    if not template.surveyed and pair.registry.headline is not None:
        return _calibrated_appeals(pair, pair.registry.headline)
    if not template.surveyed or "flow_share" not in template.metrics:
        return []
    values = {variable.name: variable.default for variable in variables}
    linear = values.get("value_exponent", 1) == 1
    if values["conformity"] == 0 and values["loss_aversion"] == 1 and linear:
        return []
    calibration = pair.state.calibration
    if calibration is None:
        return [
            "The run with the social rules has the constants that were fitted without them, so its "
            "baseline need not reproduce the survey's shares. Run the baseline again to have them "
            "moved."
        ]
    labels = pair.registry.alternative_labels
    ticks = f"{template.tick_unit}s {calibration.from_tick}–{calibration.to_tick}"
    if not calibration.converged:
        nearest = wording.listing(
            [
                f"{labels[name]} {100 * calibration.shares[name]:.1f} %"
                for name in pair.registry.names
            ]
        )
        return [
            "With the social rules on, no constants of the alternatives lead to the survey's "
            f"shares in {ticks}; the nearest found ({calibration.iterations} simulations): "
            f"{nearest}."
        ]
    shifts = wording.listing(
        [
            f"{labels[name]} {wording.signed(calibration.shifts[name], 2)}"
            for name in pair.registry.names
        ]
    )
    return [
        "With the social rules on, the constants of the alternatives are moved until the "
        f"baseline's shares in {ticks} are the survey's: {shifts} "
        f"({calibration.iterations} simulations on common random numbers). "
        "Without the rules the fitted constants stay."
    ]


def _calibrated_appeals(pair: Pair, headline: Headline) -> list[str]:
    """What holds the shares of an election where it starts."""
    calibration = headline.calibration if headline.social_rules else headline.plain
    if calibration is None:
        return []
    names = pair.registry.names
    labels = pair.registry.alternative_labels
    shifts = wording.listing(
        [f"{labels[name]} {wording.signed(calibration.shifts[name], 2)}" for name in names]
    )
    nearest = wording.listing(
        [f"{labels[name]} {100 * calibration.shares[name]:.1f} %" for name in names]
    )
    reached = (
        "are those at the start"
        if calibration.converged
        else f"are as near those at the start as they get: {nearest}"
    )
    ticks = f"{pair.registry.template.tick_unit}s {calibration.from_tick}–{calibration.to_tick}"
    return [
        f"Appeals are moved until the baseline's shares in {ticks} {reached}: {shifts} "
        f"({calibration.iterations} simulations on common random numbers)."
    ]


def _assumed(pair: Pair, variable: Variable) -> str:
    """A parameter with its value and where that comes from."""
    own = variable.name in pair.project.parameters
    source = "set in this project" if own else variable.source.removeprefix("assumption: ")
    unit = "" if variable.unit == "1" else f" {variable.unit}"
    return f"{variable.label} = {variable.default:.4g}{unit} ({source})"
