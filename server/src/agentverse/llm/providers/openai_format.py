"""OpenAI's wire format read: usage, cost, and a whole answer put together from its events."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import orjson

from agentverse.llm.pricing import TokenUsage
from agentverse.llm.providers.provider import ProviderAnswer, as_dictionary
from agentverse.llm.requests import Document

LONGEST_NAME = 200


def read_object(data: bytes) -> Document | None:
    """A JSON object; None where it is none."""
    try:
        parsed: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return cast("Document", parsed) if isinstance(parsed, dict) else None


def read_money_of(data: bytes) -> Decimal | None:
    """`usage.cost` of a document, digit by digit: a float would not do for money."""
    if b'"cost"' not in data:
        return None
    document = json.loads(data, parse_float=Decimal)
    return money(as_dictionary(document.get("usage")).get("cost"))


def money(value: object) -> Decimal | None:
    """A cost in USD; anything that is not a finite amount ≥ 0 is no report at all."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**9 else None


def read_usage(usage: Document) -> TokenUsage | None:
    """Counts as OpenAI means them: cached, written and reasoning tokens are parts of the totals.

    DeepSeek and Moonshot have other names for cached tokens. xAI and Gemini count reasoning tokens
    beside the completion, which shows in the total.
    """
    asked, answered = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if asked is None:
        return None
    answered = answered or 0
    into = as_dictionary(usage.get("prompt_tokens_details"))
    out = as_dictionary(usage.get("completion_tokens_details"))
    reasoning = _count(out.get("reasoning_tokens")) or 0
    beside = (_count(usage.get("total_tokens")) or 0) - asked - answered
    if beside > 0 and reasoning in (0, beside):
        answered, reasoning = answered + beside, beside
    cached = min(_cached(usage, into), asked)
    written = _count(into.get("cache_write_tokens")) or 0
    return TokenUsage(
        input_tokens=asked,
        cached_input_tokens=cached,
        cache_write_tokens=min(written, asked - cached),
        output_tokens=answered,
        reasoning_tokens=min(reasoning, answered),
    )


def _cached(usage: Document, into: Document) -> int:
    names = (into.get("cached_tokens"), usage.get("prompt_cache_hit_tokens"))
    counts = (_count(value) for value in (*names, usage.get("cached_tokens")))
    return next((value for value in counts if value is not None), 0)


def _count(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < 2**31 else None


def whole_answer(document: Document, raw: bytes) -> ProviderAnswer:
    """A whole document as an answer."""
    choices = document.get("choices")
    reasons = [
        as_dictionary(choice).get("finish_reason")
        for choice in (cast("list[Any]", choices) if isinstance(choices, list) else [])
    ]
    return ProviderAnswer(
        document=document,
        finish_reason=next((text for text in map(name, reasons) if text), None),
        call_id=name(document.get("id")),
        usage=read_usage(as_dictionary(document.get("usage"))),
        cost_usd=read_money_of(raw),
    )


def name(value: object) -> str | None:
    """A provider's short text as the ledger can keep it: PostgreSQL's text holds no NUL."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "")[:LONGEST_NAME] or None


def is_chunk(event: Document) -> bool:
    """Whether an event has the shape of a piece of a chat completion; what else it says is free."""
    choices = event.get("choices")
    if choices is None:
        return True
    return isinstance(choices, list) and all(
        isinstance(choice, dict) and is_message(cast("Document", choice).get("delta"))
        for choice in cast("list[object]", choices)
    )


def is_message(value: object) -> bool:
    """Whether a message, or a piece of one, can be read; absent is an empty piece."""
    if value is None:
        return True
    if not isinstance(value, dict):
        return False
    message = cast("Document", value)
    if not isinstance(message.get("content"), str | list | None):
        return False
    calls = message.get("tool_calls")
    return calls is None or (
        isinstance(calls, list) and all(_is_tool_call(call) for call in cast("list[object]", calls))
    )


def _is_tool_call(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    function = cast("Document", value).get("function")
    if function is None:
        return True
    texts = (as_dictionary(function).get(key) for key in ("name", "arguments"))
    return isinstance(function, dict) and all(isinstance(text, str | None) for text in texts)


class Assembler:
    """Puts the events of a chat completion together into the whole answer."""

    def __init__(self) -> None:
        self._top: Document = {}
        self._choices: dict[int, Document] = {}
        self._usage: Document | None = None
        self._cost: Decimal | None = None

    @property
    def is_finished(self) -> bool:
        """Every choice that began has said why it ended."""
        return bool(self._choices) and all(
            choice.get("finish_reason") for choice in self._choices.values()
        )

    @property
    def usage(self) -> TokenUsage | None:
        return None if self._usage is None else read_usage(self._usage)

    @property
    def cost_usd(self) -> Decimal | None:
        return self._cost

    def add(self, chunk: Document, raw: bytes) -> tuple[bool, int]:
        """Take one event; whether it holds a token, and how many bytes of text."""
        for key in ("id", "created", "model", "system_fingerprint", "service_tier", "provider"):
            if chunk.get(key) is not None:
                self._top[key] = chunk[key]
        if isinstance(chunk.get("usage"), dict):
            self._usage = cast("Document", chunk["usage"])
            self._cost = read_money_of(raw)
        is_token, size = False, 0
        choices = chunk.get("choices")
        for choice in cast("list[Any]", choices) if isinstance(choices, list) else []:
            token, length = self._add_choice(as_dictionary(choice))
            is_token, size = is_token or token, size + length
        return is_token, size

    def _add_choice(self, choice: Document) -> tuple[bool, int]:
        index = choice.get("index")
        kept = self._choices.setdefault(
            index if isinstance(index, int) else 0,
            {"message": {"role": "assistant", "content": None}, "finish_reason": None},
        )
        for key, value in choice.items():
            if key in ("index", "delta", "message"):
                continue
            if key == "logprobs":
                _extend(kept, key, value)
            elif value is not None:
                kept[key] = value
        before = _merge(kept["message"], as_dictionary(choice.get("delta")))
        return before > 0 or bool(choice.get("finish_reason")), before

    def answer(self) -> ProviderAnswer:
        choices: list[Document] = []
        for index in sorted(self._choices):
            kept = self._choices[index]
            message: Document = kept["message"]
            if "tool_calls" in message:
                calls: dict[int, Document] = message["tool_calls"]
                message["tool_calls"] = [calls[place] for place in sorted(calls)]
            choices.append({"index": index, "logprobs": None, **kept})
        document: Document = {
            "id": None,
            "object": "chat.completion",
            **self._top,
            "choices": choices,
        }
        if self._usage is not None:
            document["usage"] = self._usage
        return ProviderAnswer(
            document=document,
            finish_reason=name(choices[0]["finish_reason"]) if choices else None,
            call_id=name(document["id"]),
            usage=self.usage,
            cost_usd=self._cost,
        )


def _merge(message: Document, delta: Document) -> int:
    """Add a delta to its message; how many bytes of text it brought."""
    size = 0
    for key, value in delta.items():
        if key == "tool_calls" and isinstance(value, list):
            size += _merge_tool_calls(message, cast("list[Any]", value))
        elif key == "role" or value is None:
            message[key] = value if value is not None else message.get(key)
        elif isinstance(value, str):
            before = message.get(key)
            message[key] = (before if isinstance(before, str) else "") + value
            size += len(value.encode())
        elif isinstance(value, list):
            message[key] = [*_as_list(message.get(key)), *cast("list[Any]", value)]
            size += len(cast("list[Any]", value))
        elif isinstance(value, dict):
            message[key] = as_dictionary(message.get(key))
            size += _merge(message[key], cast("Document", value))
        else:
            message[key] = value
    return size


def _merge_tool_calls(message: Document, parts: list[Any]) -> int:
    calls: dict[int, Document] = message.setdefault("tool_calls", {})
    size = 0
    for place, part in enumerate(parts):
        fields = as_dictionary(part)
        index = fields.get("index")
        kept = calls.setdefault(index if isinstance(index, int) else place, {})
        for key, value in fields.items():
            if key == "index" or value is None:
                continue
            if isinstance(value, dict):
                kept[key] = as_dictionary(kept.get(key))
                size += _merge(kept[key], cast("Document", value))
            elif key in ("id", "type"):
                kept[key] = value
                size += 1
            else:
                kept[key] = value
    return size


def _as_list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _extend(kept: Document, key: str, value: object) -> None:
    """Log probabilities: lists by name, each continued by the next event."""
    if not isinstance(value, dict):
        kept.setdefault(key, None)
        return
    together = as_dictionary(kept.get(key))
    for part, items in cast("Document", value).items():
        if isinstance(items, list):
            together[part] = [*_as_list(together.get(part)), *cast("list[Any]", items)]
        else:
            together.setdefault(part, items)
    kept[key] = together


def as_events(answer: Document) -> list[bytes]:
    """A whole answer as the events that a live caller expects."""
    head = {key: answer.get(key) for key in ("id", "created", "model")}
    events: list[bytes] = []
    for choice in answer["choices"]:
        message: Document = dict(choice["message"])
        if isinstance(message.get("tool_calls"), list):
            message["tool_calls"] = [
                {"index": number, **call} for number, call in enumerate(message["tool_calls"])
            ]
        part = {
            "index": choice.get("index", 0),
            "delta": message,
            "logprobs": choice.get("logprobs"),
            "finish_reason": choice.get("finish_reason"),
        }
        document: Document = {**head, "object": "chat.completion.chunk", "choices": [part]}
        events.append(orjson.dumps(document))
    if isinstance(answer.get("usage"), dict):
        document: Document = {**head, "object": "chat.completion.chunk", "choices": []}
        events.append(orjson.dumps({**document, "usage": answer["usage"]}))
    return events
