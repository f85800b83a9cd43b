"""AgentVerse engine: deterministic simulation of populations."""

from agentverse_engine import ensembles, networks
from agentverse_engine.analytic import expected_shares
from agentverse_engine.choice_model import ChoiceModel
from agentverse_engine.events import EventScript, IntensityProfile, Scope, validate_scripts
from agentverse_engine.networks import Network
from agentverse_engine.population import Population
from agentverse_engine.scenario import Scenario
from agentverse_engine.simulate import simulate_ensemble
from agentverse_engine.trajectory import LedgerEntry, Trajectory
from agentverse_engine.variables import Variable, consumer_choice_variables, generous_range
