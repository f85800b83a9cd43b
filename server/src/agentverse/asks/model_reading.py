"""A question read by a model: one call, at most one repair, and one named state at the end.

One call does what three profiles are seeded for: intention, parts and variables stand in one form,
which the compiler judges as a whole. What comes out is shown to a person, and runs if confirmed.
"""

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from agentverse import compiler, llm
from agentverse.asks.schemas import ModelReadingWire, ReadingState
from agentverse.compiler import Compilation, QuestionRefused, ReadingRefused, Vocabulary
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope

PROFILE: Final[llm.ProfileName] = "EVENT_COMPILER_VARIABLE_MAP"
FEATURE: Final = "ask"
PERMISSION: Final = "llm:call"
REPAIRS: Final = 1
# Of each call. Two of them stay within the sixty seconds that a question may take.
WITHIN_SECONDS: Final = 20.0
LONGEST_QUOTED: Final = 4_000

MESSAGES: Final[dict[ReadingState, str]] = {
    "read": "A language model read this. Nothing runs before you confirm it.",
    "nothing": "The language model found no change here that this project can make.",
    "invalid": "The language model's answer does not fit the question, so it was not used.",
    "not_allowed": "Your role may not ask language models; an analyst's may.",
}
# The rest says why itself.
STATES: Final[dict[str, ReadingState]] = {
    "upstream_timeout": "timed_out",
    "budget_exceeded": "over_budget",
    "cost_ceiling_exceeded": "over_budget",
    "llm_not_configured": "not_configured",
    "model_not_found": "not_configured",
    "model_not_priced": "not_configured",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`compilation` is set where something was read; `calls` and `cost_usd` whatever came of it.

    code: of the router's error; reason: why the last answer was not used.
    """

    state: ReadingState
    message: str
    code: str | None = None
    reason: str | None = None
    served_model: str | None = None
    compilation: Compilation | None = None
    calls: int = 0
    cost_usd: str = "0"

    def wire(self) -> ModelReadingWire:
        return ModelReadingWire(
            state=self.state,
            message=self.message,
            code=self.code,
            reason=self.reason,
            served_model=self.served_model,
            prompt_version=compiler.PROMPT_VERSION,
            calls=self.calls,
            cost_usd=self.cost_usd,
        )


def read_question(
    scope: Scope, question: str, vocabulary: Vocabulary, *, project_id: UUID, origin: UUID
) -> Reading:
    """Slow; holds no transaction. origin: what the calls are made for, by which they are summed."""
    if not scope.allows(PERMISSION):
        return Reading(state="not_allowed", message=MESSAGES["not_allowed"])
    reading = _read(scope, question, vocabulary, project_id, origin)
    with tenant_session(scope, read_only=True) as db:
        used = llm.usage(db, origin=origin)
    return replace(reading, calls=used.calls, cost_usd=used.cost_usd_text)


def _read(
    scope: Scope, question: str, vocabulary: Vocabulary, project_id: UUID, origin: UUID
) -> Reading:
    form = _response_format(vocabulary)
    messages = [
        llm.Message(role="system", content=compiler.instructions(vocabulary)),
        llm.Message(role="user", content=question),
    ]
    reading = Reading(state="invalid", message=MESSAGES["invalid"])
    for _ in range(1 + REPAIRS):
        try:
            answer = llm.complete(
                scope,
                profile=PROFILE,
                messages=messages,
                origin=origin,
                project_id=project_id,
                feature=FEATURE,
                temperature=0.0,
                response_format=form,
                within_seconds=WITHIN_SECONDS,
            )
        except (llm.LlmError, llm.NoProvider) as error:
            state = STATES.get(error.code, "unavailable")
            return Reading(state=state, message=error.detail, code=error.code)
        try:
            return _judged(question, answer, vocabulary)
        except ReadingRefused as refused:
            reading = replace(reading, reason=refused.problem, served_model=answer.served_model)
            messages = [*messages, *_repair(answer.text, refused.problem)]
    return reading


def _judged(question: str, answer: llm.Completion, vocabulary: Vocabulary) -> Reading:
    try:
        compilation = compiler.compile_reading(question, answer.text, vocabulary)
    except QuestionRefused as refused:
        raise ReadingRefused(refused.message) from refused
    state: ReadingState = "read" if compilation.event_scripts else "nothing"
    return Reading(
        state=state,
        message=MESSAGES[state],
        served_model=answer.served_model,
        compilation=compilation if compilation.event_scripts else None,
    )


def _repair(text: str, problem: str) -> list[llm.Message]:
    return [
        llm.Message(role="assistant", content=text[:LONGEST_QUOTED] or "(nothing)"),
        llm.Message(
            role="user",
            content=f"That cannot be used: {problem} Answer again with the whole JSON document.",
        ),
    ]


def _response_format(vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "type": "json_schema",
        "json_schema": {
            "name": f"reading_{compiler.PROMPT_VERSION}",
            "strict": True,
            "schema": compiler.answer_schema(vocabulary),
        },
    }
