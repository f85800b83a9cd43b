"""Hybrids: runs of a node with actors in it who react to what they see."""

from agentverse.hybrids.lifecycle import cancel, read_hybrid, start

__all__ = ["cancel", "read_hybrid", "start"]
