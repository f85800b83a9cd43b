"""Answers that must fit a JSON schema: the schema checked, the answer checked, and a second try.

On jsonschema-rs: its patterns take linear time, nothing is fetched, and nesting is bounded, so a
caller's schema cannot keep the event loop.
"""

from dataclasses import dataclass
from typing import Any, cast

import jsonschema_rs
import orjson

from agentverse.llm.errors import InvalidValue

Document = dict[str, Any]

# What a second try quotes, whatever went before: it never grows from one to the next.
LONGEST_QUOTED_BYTES = 8_000
LONGEST_PROBLEM_BYTES = 1_000
WORDS = (
    "Your answer is not valid: {problem}\nAnswer again with one JSON document that fits the "
    "schema, and nothing else. Your answer was:\n{answer}"
)
# A token holds at least one byte; the words above and a message's own tokens are within 500.
REPAIR_TOKENS = LONGEST_QUOTED_BYTES + LONGEST_PROBLEM_BYTES + 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSchema:
    validator: Any

    def problem(self, answer: Document) -> str | None:
        """What is wrong with a whole answer; None: nothing, or it is a tool call or a refusal."""
        for choice in answer["choices"]:
            message: Document = choice["message"]
            if message.get("tool_calls") or message.get("refusal"):
                continue
            problem = self._problem_of(message.get("content"))
            if problem is not None:
                return problem
        return None

    def _problem_of(self, content: object) -> str | None:
        try:
            document = orjson.loads(content if isinstance(content, str) else b"")
        except orjson.JSONDecodeError as error:
            return f"it is no JSON ({error})."
        for error in self.validator.iter_errors(document):
            place = "/".join(str(part) for part in error.instance_path) or "the document"
            return f"{place}: {error.message}."
        return None


def read_schema(schema: Document, *, param: str) -> OutputSchema:
    """Raises InvalidValue for what is no JSON schema or refers to something outside itself."""
    try:
        validator: Any = jsonschema_rs.validator_for(
            schema, offline=True, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        first, _, _ = str(error).partition("\n")
        raise InvalidValue(
            f"`{param}` is no JSON schema that can be used: {first[:300]}. References must stay "
            "within the schema; patterns may hold no look-around.",
            param=param,
        ) from None
    return OutputSchema(validator=validator)


def check_schema(schema: Document, *, param: str) -> None:
    """A tool's parameters, which the provider reads. Raises InvalidValue for no JSON schema."""
    try:
        jsonschema_rs.meta.validate(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        first, _, _ = str(error).partition("\n")
        raise InvalidValue(f"`{param}` is no JSON schema: {first[:300]}.", param=param) from None


def repaired(document: Document, answer: Document, problem: str) -> Document:
    """The request once more, with what was wrong; of constant size, whatever was answered."""
    content = answer["choices"][0]["message"].get("content")
    words = WORDS.format(
        problem=_cut(problem, LONGEST_PROBLEM_BYTES),
        answer=_cut(content if isinstance(content, str) else "", LONGEST_QUOTED_BYTES),
    )
    messages = cast("list[Document]", document["messages"])
    return {**document, "messages": [*messages, {"role": "user", "content": words}]}


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")
