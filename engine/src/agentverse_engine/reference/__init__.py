"""The same simulation in slow, plain Python: the definition that the fast path is tested against.

It shares types with the fast path and no computation: its own Philox on Python integers, scripts
applied one after the other, neighbours looked at one by one, the whole state hashed at every tick.
Our own rules have their equations reimplemented in `reference.rules`; any other rule is
called as the plain Python it is.
"""

from agentverse_engine.reference.draws import reference_philox
from agentverse_engine.reference.simulation import ReferenceRun, simulate_reference

__all__ = ["ReferenceRun", "reference_philox", "simulate_reference"]
