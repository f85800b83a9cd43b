"""Social networks in CSR: generators of the usual models, and reports on what was drawn."""

from agentverse_engine.networks.blocks import stochastic_block_network
from agentverse_engine.networks.chung_lu import chung_lu_network
from agentverse_engine.networks.csr import Network, network_from_edges
from agentverse_engine.networks.homophily import homophilous_network
from agentverse_engine.networks.layering import layered_network
from agentverse_engine.networks.preferential import preferential_attachment
from agentverse_engine.networks.regular import complete_network, lattice
from agentverse_engine.networks.reporting import GroupMixing, NetworkReport, report
from agentverse_engine.networks.rewiring import small_world

__all__ = [
    "GroupMixing",
    "Network",
    "NetworkReport",
    "chung_lu_network",
    "complete_network",
    "homophilous_network",
    "lattice",
    "layered_network",
    "network_from_edges",
    "preferential_attachment",
    "report",
    "small_world",
    "stochastic_block_network",
]
