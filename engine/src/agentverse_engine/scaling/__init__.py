"""Where an ensemble runs: threads, processes or a Ray cluster, with the same bits everywhere."""

from agentverse_engine.execution.executor import Executor, RunMonitor, Work
from agentverse_engine.execution.threads import ThreadExecutor
from agentverse_engine.scaling.partitions import PartitionedLocal
from agentverse_engine.scaling.processes import ProcessExecutor
from agentverse_engine.scaling.ray_cluster import PartitionedRay, RayExecutor

__all__ = [
    "Executor",
    "PartitionedLocal",
    "PartitionedRay",
    "ProcessExecutor",
    "RayExecutor",
    "RunMonitor",
    "ThreadExecutor",
    "Work",
]
