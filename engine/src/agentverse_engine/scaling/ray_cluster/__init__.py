"""Executors on a Ray cluster; what only Ray needs is in this folder."""

from agentverse_engine.scaling.ray_cluster.batches import RayExecutor
from agentverse_engine.scaling.ray_cluster.partitions import PartitionedRay

__all__ = ["PartitionedRay", "RayExecutor"]
