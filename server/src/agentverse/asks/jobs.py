"""Worker door of questions."""

from agentverse.asks import asking
from agentverse.asks.schemas import CompileAsk
from agentverse.platform.jobs.registry import handles
from agentverse.platform.scope import Scope


def _store_failure(scope: Scope, payload: CompileAsk, error: Exception) -> None:
    asking.store_failure(scope, payload.ask_id, error)


@handles(CompileAsk, on_failure=_store_failure)
def compile_ask(scope: Scope, payload: CompileAsk) -> None:
    asking.compile_ask(scope, payload.ask_id)
