"""A deterministic model that answers from a script: for demos and offline development.

The script is JSON: `[{"contains": "heat pump", "answer": "…"}, …]`. The first entry whose text
occurs in the last message answers; an entry without `contains` answers everything.
"""

from pathlib import Path
from typing import Any, cast

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agentverse.llm.attempt_outcomes import AttemptFailed
from agentverse.llm.errors import UnusableScript
from agentverse.llm.providers import openai_format
from agentverse.llm.providers.provider import (
    Progress,
    ProviderAnswer,
    ProviderRequest,
    as_dictionary,
)
from agentverse.llm.requests import Document

NAME = "scripted"


class ScriptedAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    contains: str = ""
    answer: str


_SCRIPT = TypeAdapter(tuple[ScriptedAnswer, ...])


def read_script(path: Path) -> tuple[ScriptedAnswer, ...]:
    """Raises UnusableScript for a file that is unreadable or no script."""
    try:
        return _SCRIPT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UnusableScript(
            f"AGENTVERSE_LLM_SCRIPT names {path}, which is not a JSON list of "
            '{"contains": …, "answer": …}. Correct the file or unset the variable.'
        ) from error


class ScriptedProvider:
    """Answers chat from the script's file, read anew for each call."""

    name = NAME

    def __init__(self, path: Path) -> None:
        self._path = path

    async def close(self) -> None:
        """Holds nothing."""

    async def attempt(self, request: ProviderRequest, progress: Progress) -> ProviderAnswer:
        if request.endpoint != "chat":
            raise AttemptFailed("rejected", "The scripted model answers chat only.")
        texts = [_text(message) for message in request.document["messages"]]
        for entry in read_script(self._path):
            if entry.contains in texts[-1]:
                document = _completion(texts, entry.answer)
                for event in openai_format.as_events(document):
                    progress.event(event, is_token=True)
                return openai_format.whole_answer(document, orjson.dumps(document))
        raise AttemptFailed(
            "rejected", "Add an entry to the script whose `contains` occurs in the question."
        )


def _text(message: Document) -> str:
    content = message.get("content")
    if isinstance(content, list):
        parts = [as_dictionary(part).get("text") for part in cast("list[Any]", content)]
        return " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _completion(asked: list[str], text: str) -> Document:
    """Tokens are words: countable by hand."""
    into, out = sum(len(part.split()) for part in asked), len(text.split())
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": NAME,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out},
    }
