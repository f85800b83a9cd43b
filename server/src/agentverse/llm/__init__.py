"""The router of model calls: no other context talks to a model."""

from agentverse.llm.ledger import Usage, held_usd, sweep, usage
from agentverse.llm.profiles import PROFILES, Profile, ProfileName
from agentverse.llm.providers.base import Message
from agentverse.llm.router import Completion, complete

__all__ = [
    "PROFILES",
    "Completion",
    "Message",
    "Profile",
    "ProfileName",
    "Usage",
    "complete",
    "held_usd",
    "sweep",
    "usage",
]
