"""Target mode: what one decision maker should do, searched fast and ranked by real ensembles."""

from agentverse_engine.planning.actions import (
    Action,
    Change,
    ChangeOperation,
    DecisionVariable,
    Effect,
    Requirement,
)
from agentverse_engine.planning.answers import Answer, Infeasibility, Plan
from agentverse_engine.planning.beam import BeamSearch
from agentverse_engine.planning.constraints import Constraint, Deadline, Forbidden, Limit, Miss
from agentverse_engine.planning.exploring import Pruning
from agentverse_engine.planning.forecasting import Forecast, small_ensemble
from agentverse_engine.planning.goals import Goal
from agentverse_engine.planning.paths import Course, Step
from agentverse_engine.planning.problem import Problem
from agentverse_engine.planning.signals import Signal
from agentverse_engine.planning.targeting import Search, explored, plan
from agentverse_engine.planning.tree import TreeSearch

__all__ = [
    "Action",
    "Answer",
    "BeamSearch",
    "Change",
    "ChangeOperation",
    "Constraint",
    "Course",
    "Deadline",
    "DecisionVariable",
    "Effect",
    "Forbidden",
    "Forecast",
    "Goal",
    "Infeasibility",
    "Limit",
    "Miss",
    "Plan",
    "Problem",
    "Pruning",
    "Requirement",
    "Search",
    "Signal",
    "Step",
    "TreeSearch",
    "explored",
    "plan",
    "small_ensemble",
]
