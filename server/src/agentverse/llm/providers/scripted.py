"""A deterministic model that answers from a script: for tests, demos and offline development.

The script is JSON: `[{"contains": "heat pump", "answer": "…"}, …]`. The first entry whose text
occurs in the last message answers; an entry without `contains` answers everything.
"""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agentverse.llm.errors import NotScripted, UnusableScript
from agentverse.llm.providers.base import ProviderAnswer, ProviderRequest, TokenUsage


class ScriptedAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    contains: str = ""
    answer: str


_SCRIPT = TypeAdapter(tuple[ScriptedAnswer, ...])


def read_script(path: Path) -> tuple[ScriptedAnswer, ...]:
    try:
        return _SCRIPT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UnusableScript(
            f"AGENTVERSE_LLM_SCRIPT names {path}, which is not a JSON list of "
            '{"contains": …, "answer": …}. Correct the file or unset the variable.'
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedProvider:
    script: tuple[ScriptedAnswer, ...]
    name: str = "scripted"
    model: str = "scripted"

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        asked = request.messages[-1].content
        for entry in self.script:
            if entry.contains in asked:
                return _answer(request, entry.answer)
        raise NotScripted("Add an entry to the script whose `contains` occurs in the question.")


def _answer(request: ProviderRequest, text: str) -> ProviderAnswer:
    """Tokens are words: countable by hand."""
    asked = sum(len(message.content.split()) for message in request.messages)
    return ProviderAnswer(
        text=text,
        finish_reason="stop",
        served_model="scripted",
        call_id=None,
        usage=TokenUsage(input_tokens=asked, output_tokens=len(text.split())),
        cost_usd=None,
    )
