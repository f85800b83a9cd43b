"""Worker door of the router."""

from agentverse.llm import alerting
from agentverse.llm.schemas import DeliverAlert
from agentverse.platform.jobs.registry import handles
from agentverse.platform.scope import Scope

# With doubling waits from two seconds on: some seventeen minutes in all.
MOST_ATTEMPTS = 10


@handles(DeliverAlert, maximum_attempts=MOST_ATTEMPTS, first_wait_seconds=2.0, longest_seconds=60.0)
def deliver_alert(scope: Scope, payload: DeliverAlert) -> None:
    alerting.deliver(scope, payload.delivery_id)
