"""One attempt engine for streamed and whole answers: the chain, retries, deadlines, breaker."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from secrets import SystemRandom
from typing import Protocol

from agentverse.llm.attempt_outcomes import AttemptFailed, Outcome
from agentverse.llm.catalogue import ModelEntry, ProviderEntry
from agentverse.llm.errors import AnswerInvalid, LlmError, NoTargetAvailable
from agentverse.llm.plans import Plan
from agentverse.llm.providers.provider import (
    Deadlines,
    Progress,
    Provider,
    ProviderAnswer,
    ProviderRequest,
)
from agentverse.llm.requests import Document
from agentverse.llm.structured_output import repaired

FIRST_BACKOFF_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 8.0
# Where another target is left, none waits longer than this for one that asks to be asked later.
LONGEST_RETRY_AFTER_SECONDS = 5.0
_jitter = SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request to one provider, as the ledger keeps it."""

    number: int
    provider: str
    model: str
    outcome: Outcome
    http_status: int | None
    error_code: str | None
    duration_ms: int


@dataclass(slots=True, kw_only=True)
class CallHistory:
    """What happened so far, whoever ends the call: attempts, and the one that runs."""

    attempts: list[Attempt] = field(default_factory=list[Attempt])
    model: ModelEntry | None = None
    progress: Progress | None = None
    failure: AttemptFailed | None = None
    upstream_seconds: float = 0.0
    # Whole answers that did not fit the caller's schema: they cost what they cost.
    rejected: list[tuple[ModelEntry, ProviderAnswer]] = field(
        default_factory=list[tuple[ModelEntry, ProviderAnswer]]
    )


class Breakers(Protocol):
    """Which targets rest. Shared by all processes."""

    async def admits(self, target: str) -> bool: ...

    async def failed(self, target: str) -> None: ...

    async def succeeded(self, target: str) -> None: ...

    def resting_seconds(self, targets: list[str]) -> float: ...


class CallFailed(Exception):
    """No target gave a whole answer; `error` is what the caller is told."""

    def __init__(self, error: LlmError) -> None:
        super().__init__(error.detail)
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptContext:
    """What attempts need of the router. `left` is set when the caller has gone."""

    provider_of: Callable[[ProviderEntry], Provider]
    breakers: Breakers
    left: asyncio.Event
    on_event: Callable[[bytes], None] | None


async def run(plan: Plan, context: AttemptContext, history: CallHistory) -> ProviderAnswer:
    """Ask the plan's models in order until one gives a whole answer. Raises CallFailed."""
    due = asyncio.get_running_loop().time() + plan.settings.total_seconds
    models = list(plan.models)
    while models:
        model = models.pop(0)
        if not await context.breakers.admits(model.name):
            continue
        history.model = model
        answer = await _ask(model, plan, context, history, due, others=bool(models))
        if answer is not None:
            return answer
        failure = history.failure
        assert failure is not None  # noqa: S101 - `_ask` answers or fails
        models = _remaining(models, model, plan, failure, context, history)
    if history.failure is not None:
        raise CallFailed(history.failure.error())
    raise CallFailed(_all_rest(plan, context))


def _all_rest(plan: Plan, context: AttemptContext) -> LlmError:
    names = [model.name for model in plan.models]
    return NoTargetAvailable(
        f"{', '.join(names)} failed several times in a row and rest. Try again later.",
        retry_after_seconds=max(context.breakers.resting_seconds(names), 1.0),
    )


def _remaining(
    models: list[ModelEntry],
    failed: ModelEntry,
    plan: Plan,
    failure: AttemptFailed,
    context: AttemptContext,
    history: CallHistory,
) -> list[ModelEntry]:
    """Who may still be asked after this failure."""
    delivered = history.progress is not None and history.progress.delivered
    if delivered or context.left.is_set():
        return []
    match failure.rule.next_target:
        case "yes":
            return models
        case "larger":
            return [model for model in models if model.context_window > failed.context_window]
        case "opt_in":
            return models if plan.settings.fallback_on_refusal else []
        case "no":
            return []


async def _ask(
    model: ModelEntry,
    plan: Plan,
    context: AttemptContext,
    history: CallHistory,
    due: float,
    *,
    others: bool,
) -> ProviderAnswer | None:
    """One model with its further attempts; None when they are used up (`history.failure`)."""
    number = 0
    document = plan.document_for(model)
    while True:
        try:
            answer = await _attempt(model, document, plan, context, history, due)
        except AttemptFailed as failure:
            history.failure = failure
            wait = _wait_seconds(failure, number, plan, history, due, others=others)
            if wait is None or context.left.is_set():
                return None
            await _sleep(wait, context, history)
            if context.left.is_set():
                return None
            number += 1
            continue
        problem = (
            None if plan.output_schema is None else plan.output_schema.problem(answer.document)
        )
        if problem is not None:
            _reject(model, answer, problem, history)
            if len(history.rejected) > (plan.settings.max_repairs or 0) or context.left.is_set():
                return None
            document = repaired(plan.document_for(model), answer.document, problem)
            continue
        if others and _is_left_for_refusal(answer, plan, history):
            history.failure = AttemptFailed("refused", f"{model.name} refuses this content.")
            return None
        history.failure = None
        return answer


def _reject(model: ModelEntry, answer: ProviderAnswer, problem: str, history: CallHistory) -> None:
    """A whole answer that does not fit the schema: not the target's failure, but not an answer."""
    history.failure = AttemptFailed(
        "invalid_output", f"The answer of {model.name} does not fit the schema: {problem}"
    )
    history.rejected.append((model, answer))
    history.attempts[-1] = replace(
        history.attempts[-1], outcome="invalid_output", error_code=AnswerInvalid.code
    )


def _is_left_for_refusal(answer: ProviderAnswer, plan: Plan, history: CallHistory) -> bool:
    """A refusal told by the reason to stop, where the profile lets another model try."""
    refused = answer.finish_reason == "content_filter" and plan.settings.fallback_on_refusal
    return refused and not (history.progress is not None and history.progress.delivered)


async def _sleep(seconds: float, context: AttemptContext, history: CallHistory) -> None:
    started = time.perf_counter()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(context.left.wait(), seconds)
    history.upstream_seconds += time.perf_counter() - started


def _wait_seconds(
    failure: AttemptFailed,
    number: int,
    plan: Plan,
    history: CallHistory,
    due: float,
    *,
    others: bool,
) -> float | None:
    """How long to wait before this target is asked again; None: it is not."""
    if history.progress is not None and history.progress.delivered:
        return None
    rule = failure.rule
    allowed = plan.settings.max_retries
    if number >= (allowed if rule.same_target is None else min(rule.same_target, allowed)):
        return None
    left = due - asyncio.get_running_loop().time()
    hint = failure.retry_after_seconds
    if hint is not None:
        wait = hint + _jitter.uniform(0, 0.1)
        longest = min(left, LONGEST_RETRY_AFTER_SECONDS) if others else left
        return wait if wait < longest else None
    longest = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**number)
    wait = _jitter.uniform(0, longest)
    return wait if wait < left else None


async def _attempt(
    model: ModelEntry,
    document: Document,
    plan: Plan,
    context: AttemptContext,
    history: CallHistory,
    due: float,
) -> ProviderAnswer:
    """One request, within the call's own deadline, entered in the history and the breaker."""
    progress = history.progress = Progress(on_event=context.on_event)
    provider = context.provider_of(model.provider)
    started = time.perf_counter()
    outcome: Outcome = "cancelled"
    failure: AttemptFailed | None = None
    try:
        async with asyncio.timeout_at(due):
            answer = await provider.attempt(_request(model, document, plan), progress)
        outcome = "succeeded"
    except TimeoutError:
        failure = AttemptFailed(
            "total_timeout",
            f"{model.name} did not finish within the {plan.settings.total_seconds:g} seconds that "
            "the call may take.",
        )
        raise failure from None
    except AttemptFailed as error:
        failure = error
        raise
    finally:
        seconds = time.perf_counter() - started
        history.upstream_seconds += seconds
        history.attempts.append(
            Attempt(
                number=len(history.attempts) + 1,
                provider=model.provider.name,
                model=model.model,
                outcome=outcome if failure is None else failure.outcome,
                http_status=200
                if outcome == "succeeded"
                else (None if failure is None else failure.http_status),
                error_code=None if failure is None else failure.rule.error.code,
                duration_ms=round(seconds * 1000),
            )
        )
        if outcome == "succeeded":
            await context.breakers.succeeded(model.name)
        elif failure is not None and _counts(failure):
            await context.breakers.failed(model.name)
    return answer


def _counts(failure: AttemptFailed) -> bool:
    """A target that says how long to wait is not failing."""
    hinted = failure.outcome == "rate_limited" and failure.retry_after_seconds is not None
    return failure.rule.counts and not hinted


def _request(model: ModelEntry, document: Document, plan: Plan) -> ProviderRequest:
    settings = plan.settings
    return ProviderRequest(
        endpoint=plan.endpoint,
        model=model.model,
        document=document,
        deadlines=Deadlines(
            connect=settings.connect_seconds,
            first_token=settings.first_token_seconds,
            idle=settings.idle_seconds,
        ),
    )
