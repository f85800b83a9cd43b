"""The router of model calls: no other context talks to a model."""

from agentverse.llm.calls import Completion
from agentverse.llm.completing import Message, close, complete, serving
from agentverse.llm.ledger import Usage, held_usd, usage
from agentverse.llm.profiles import ProfileName

__all__ = [
    "Completion",
    "Message",
    "ProfileName",
    "Usage",
    "close",
    "complete",
    "held_usd",
    "serving",
    "usage",
]
