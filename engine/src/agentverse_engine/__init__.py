"""AgentVerse engine: deterministic simulation of populations, as a library."""

from agentverse_engine import ensembles, estimation, networks, rules, synthesis
from agentverse_engine.analytic import expected_shares
from agentverse_engine.choice_model import ChoiceModel
from agentverse_engine.errors import Cancelled, EngineError
from agentverse_engine.events import EventScript, IntensityProfile, Scope, validate_scripts
from agentverse_engine.networks import Network, homophilous_network, network_from_edges
from agentverse_engine.population import Population
from agentverse_engine.scenario import Scenario
from agentverse_engine.simulate import simulate_ensemble
from agentverse_engine.trajectory import LedgerEntry, Trajectory
from agentverse_engine.variables import (
    Variable,
    consumer_choice_parameters,
    consumer_choice_variables,
    generous_range,
)
from agentverse_engine.warming import warm_up

__version__ = "0.1.0"

__all__ = [
    "Cancelled",
    "ChoiceModel",
    "EngineError",
    "EventScript",
    "IntensityProfile",
    "LedgerEntry",
    "Network",
    "Population",
    "Scenario",
    "Scope",
    "Trajectory",
    "Variable",
    "__version__",
    "consumer_choice_parameters",
    "consumer_choice_variables",
    "ensembles",
    "estimation",
    "expected_shares",
    "generous_range",
    "homophilous_network",
    "network_from_edges",
    "networks",
    "rules",
    "simulate_ensemble",
    "synthesis",
    "validate_scripts",
    "warm_up",
]
