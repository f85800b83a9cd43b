"""Who knows whom: networks in CSR, drawn with homophily, and reports on what was drawn."""

from agentverse_engine.networks.csr import Network, network_from_edges
from agentverse_engine.networks.homophily import homophilous_network
from agentverse_engine.networks.reporting import GroupMixing, NetworkReport, report

__all__ = [
    "GroupMixing",
    "Network",
    "NetworkReport",
    "homophilous_network",
    "network_from_edges",
    "report",
]
