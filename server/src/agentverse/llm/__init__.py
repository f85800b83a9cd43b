"""The router of model calls: no other context talks to a model."""

from agentverse.llm.calls import Completion
from agentverse.llm.completing import Message, close, complete, end_calls, serving
from agentverse.llm.errors import LlmError, NoProvider
from agentverse.llm.ledger import Usage, usage, usage_of_each
from agentverse.llm.profiles import ProfileName
from agentverse.llm.repository import held_usd

__all__ = [
    "Completion",
    "LlmError",
    "Message",
    "NoProvider",
    "ProfileName",
    "Usage",
    "close",
    "complete",
    "end_calls",
    "held_usd",
    "serving",
    "usage",
    "usage_of_each",
]
