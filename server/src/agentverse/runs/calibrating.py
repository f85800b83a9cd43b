"""Constants of a project's choice model under social rules: computed once, then found by digest."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final
from uuid import UUID

import numpy as np

from agentverse import populations
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope
from agentverse.populations import Snapshot
from agentverse.runs import repository
from agentverse.runs.inputs import scenario_of
from agentverse.runs.schemas import Calibration
from agentverse.runs.selection import TemplateSelection
from agentverse.runs.spec import RunSpec
from agentverse_engine import Scenario
from agentverse_engine.errors import ScenarioError
from agentverse_engine.execution.recalibrating import APPEAL, Recalibration, recalibrate

# A change of method is another digest, so that no stored result of the old one is taken.
METHOD: Final = "contraction-1"


def is_calibrated(template: TemplateSelection, *, social_rules: bool) -> bool:
    """Whether constants of the template are moved so that its shares are the file's.

    A fitted choice model needs it under the social rules, where it counts choices; the appeals of
    parties are fitted to nothing, so they need it with the rules and without: else votes would
    leave their start, be it the file's or given, without a cause.
    """
    if template.template.surveyed:
        return social_rules and "flow_share" in template.template.metrics
    return template.name == "election"


def calibrated(
    scope: Scope,
    snapshot: Snapshot,
    spec: RunSpec,
    *,
    social_rules: bool,
    project_id: UUID,
    should_cancel: Callable[[], bool] | None = None,
) -> Calibration | None:
    """Of the project's baseline, whatever scripts the spec has: a branch shares its constants.

    None where there is nothing to calibrate: no choice model, nobody who chooses, an alternative
    that nobody in the survey chose, or appeals that the project sets itself. Raises Cancelled.
    """
    if not is_calibrated(spec.template, social_rules=social_rules):
        return None
    if any(name.startswith(f"{APPEAL}.") for name in spec.parameters):
        return None
    # At the estimates: a draw would stand in for the constant that is being moved.
    plain = replace(spec, event_scripts=(), estimation=False)
    scenario = scenario_of(snapshot, plain, social_rules=social_rules)
    with tenant_session(scope, read_only=True) as db:
        target = _target(db, spec, scenario)
        key = _key(scenario, target)
        stored = repository.find_calibration(db, project_id, key)
    if stored is not None:
        return Calibration.model_validate(stored)
    try:
        return _wire(key, recalibrate(scenario, target, should_cancel=should_cancel))
    except ScenarioError:
        return None


def _target(db: TenantSession, spec: RunSpec, scenario: Scenario) -> Mapping[str, float]:
    """The survey's weighted shares; or those of the personas, who are drawn by weight."""
    if spec.template.template.surveyed:
        return populations.survey_shares(db, spec.population_id)
    names = scenario.pack.alternatives
    counts = np.bincount(scenario.population.choice, minlength=len(names))
    return dict(zip(names, (counts / counts.sum()).tolist(), strict=True))


def _key(scenario: Scenario, target: Mapping[str, float]) -> str:
    shares = ",".join(f"{name}={share!r}" for name, share in target.items())
    return sha256(f"{METHOD} {scenario.digest} {shares}".encode()).hexdigest()


def _wire(key: str, recalibration: Recalibration) -> Calibration:
    return Calibration(
        key=key,
        shifts=dict(recalibration.shifts),
        target=dict(recalibration.target),
        shares=dict(recalibration.shares),
        tolerance=dict(recalibration.tolerance),
        from_tick=recalibration.first_tick,
        to_tick=recalibration.last_tick,
        iterations=recalibration.iterations,
        converged=recalibration.converged,
    )
