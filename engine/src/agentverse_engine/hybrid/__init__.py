"""Hybrid mode: key actors and a society in one tick loop, with a ledger of their coupling."""

from agentverse_engine.hybrid.actors import Actor, Policy, Sight, every_open, first_open
from agentverse_engine.hybrid.coupling_ledger import CouplingEntry, Move
from agentverse_engine.hybrid.hybrid_checkpoints import (
    HybridCheckpoint,
    KeepHybridCheckpoint,
    check_resumable,
)
from agentverse_engine.hybrid.replanning import Replanning
from agentverse_engine.hybrid.simulating import HybridRun, simulate_hybrid

__all__ = [
    "Actor",
    "CouplingEntry",
    "HybridCheckpoint",
    "HybridRun",
    "KeepHybridCheckpoint",
    "Move",
    "Policy",
    "Replanning",
    "Sight",
    "check_resumable",
    "every_open",
    "first_open",
    "simulate_hybrid",
]
