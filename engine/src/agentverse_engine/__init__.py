"""AgentVerse engine: deterministic simulation of populations, as a library."""

from agentverse_engine import (
    codec,
    diagnostics,
    estimation,
    hybrid,
    networks,
    packs,
    planning,
    rules,
    scaling,
    synthesis,
)
from agentverse_engine.closed_form.shares import expected_shares
from agentverse_engine.errors import Cancelled, EngineError
from agentverse_engine.execution.checkpoints import Checkpoint
from agentverse_engine.execution.plausibility_checks import plausibility_checks
from agentverse_engine.execution.progress import progress_bar
from agentverse_engine.execution.result_checks import (
    Finding,
    StartDrift,
    Susceptibility,
    result_checks,
    start_drift,
    susceptibility,
)
from agentverse_engine.execution.simulate import simulate, simulate_ensemble
from agentverse_engine.execution.sweeps import Narrowed, Sweep, simulate_until, sweep
from agentverse_engine.inputs.choice_model import ChoiceModel
from agentverse_engine.inputs.draws import Draws
from agentverse_engine.inputs.events import (
    Condition,
    EventScript,
    IntensityProfile,
    Scope,
    Where,
    bundled,
)
from agentverse_engine.inputs.population import Population
from agentverse_engine.inputs.script_checks import validate_scripts
from agentverse_engine.inputs.variables import (
    Coupling,
    Variable,
    attribute,
    generous_range,
    parameter,
)
from agentverse_engine.networks import Network, homophilous_network, network_from_edges
from agentverse_engine.packs import (
    ChoiceRate,
    Level,
    Pack,
    Spread,
    completed,
    consumer_choice,
    consumer_choice_parameters,
    consumer_choice_variables,
)
from agentverse_engine.results import ensembles
from agentverse_engine.results.trajectory import LedgerEntry, Trajectory
from agentverse_engine.rules import NeighbourFilter, Rule
from agentverse_engine.scaling import (
    PartitionedLocal,
    PartitionedRay,
    ProcessExecutor,
    RayExecutor,
    ThreadExecutor,
)
from agentverse_engine.scenario.scenario import PlausibilityCheck, Scenario
from agentverse_engine.version import VERSION
from agentverse_engine.warming import warm_up

__version__ = VERSION

# The names of version 0.2, kept for one release.
Doubt = PlausibilityCheck
doubts = plausibility_checks

__all__ = [
    "Cancelled",
    "Checkpoint",
    "ChoiceModel",
    "ChoiceRate",
    "Condition",
    "Coupling",
    "Doubt",
    "Draws",
    "EngineError",
    "EventScript",
    "Finding",
    "IntensityProfile",
    "LedgerEntry",
    "Level",
    "Narrowed",
    "NeighbourFilter",
    "Network",
    "Pack",
    "PartitionedLocal",
    "PartitionedRay",
    "PlausibilityCheck",
    "Population",
    "ProcessExecutor",
    "RayExecutor",
    "Rule",
    "Scenario",
    "Scope",
    "Spread",
    "StartDrift",
    "Susceptibility",
    "Sweep",
    "ThreadExecutor",
    "Trajectory",
    "Variable",
    "Where",
    "__version__",
    "attribute",
    "bundled",
    "codec",
    "completed",
    "consumer_choice",
    "consumer_choice_parameters",
    "consumer_choice_variables",
    "diagnostics",
    "doubts",
    "ensembles",
    "estimation",
    "expected_shares",
    "generous_range",
    "homophilous_network",
    "hybrid",
    "network_from_edges",
    "networks",
    "packs",
    "parameter",
    "planning",
    "plausibility_checks",
    "progress_bar",
    "result_checks",
    "rules",
    "scaling",
    "simulate",
    "simulate_ensemble",
    "simulate_until",
    "start_drift",
    "susceptibility",
    "sweep",
    "synthesis",
    "validate_scripts",
    "warm_up",
]
