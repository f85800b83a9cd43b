"""The OpenAPI document of `/v1`, made of what the doors read: what they refuse is not in it."""

from collections.abc import Iterable
from typing import Any

from agentverse.llm import messages_dialect, responses_dialect
from agentverse.llm.requests import EMBEDDINGS_PASSED_ON, PASSED_ON

Document = dict[str, Any]

PATH = "/v1/openapi.json"
PERMISSION = "llm:call"
UUID: Document = {"type": "string", "format": "uuid"}
TEXT: Document = {"type": "string"}

REQUEST_HEADERS: dict[str, tuple[Document, str]] = {
    "x-av-project-id": (UUID, "The project it is for; its overrides of profiles apply."),
    "x-av-run-id": (UUID, "The run it is for."),
    "x-av-feature": ({**TEXT, "minLength": 1, "maxLength": 64}, "What it is for, in your words."),
    "x-av-draw": ({"type": "integer"}, "Keeps several answers to one prompt apart."),
    "x-av-cache": ({**TEXT, "enum": ["no-store", "refresh"]}, "How kept answers are used."),
    "Idempotency-Key": (
        {**TEXT, "minLength": 1, "maxLength": 255},
        "Repeats the answer for a day.",
    ),
}
ANSWER_HEADERS: dict[str, str] = {
    "x-request-id": "Of this request; give it to whoever runs the server.",
    "x-av-call-id": "Of the ledger's row, once there is one.",
    "x-av-profile": "The profile that was asked for.",
    "x-av-served-model": "provider/model that answered.",
    "x-av-attempts": "Requests to providers.",
    "x-av-cache": "HIT, MISS, COALESCED, BYPASS or REPLAY.",
    "x-av-overhead-ms": "Time that was not the providers'.",
    "x-av-cost-usd": "Of a whole answer.",
}
# Status → codes, and whether a time to wait is said.
ERRORS: dict[str, tuple[str, ...]] = {
    "400": (
        *("invalid_value", "unsupported_parameter", "context_length_exceeded", "content_filter"),
        *("model_not_priced", "cost_ceiling_exceeded", "tick_loop_refused"),
    ),
    "401": ("invalid_api_key",),
    "402": ("budget_exceeded",),
    "403": ("permission_denied",),
    "404": ("model_not_found",),
    "413": ("invalid_value",),
    "429": ("rate_limit_exceeded", "upstream_rate_limited"),
    "502": ("upstream_error", "answer_invalid"),
    "503": ("no_target_available", "ledger_unavailable"),
    "504": ("upstream_timeout",),
}


def contract() -> Document:
    """The whole document. Needs nothing that runs."""
    chat = _body(PASSED_ON, ("model", "messages"))
    messages = _body(messages_dialect.PARAMETERS, ("model", "messages", "max_tokens"))
    counted = _body(messages_dialect.PARAMETERS, ("model", "messages"))
    responses = _body(responses_dialect.PARAMETERS, ("model", "input"))
    embeddings = _body(EMBEDDINGS_PASSED_ON, ("model", "input"))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AgentVerse models",
            "version": "1",
            "description": "For OpenAI's and Anthropic's own clients: what they send is passed on "
            "or refused, never dropped. A live answer that fails ends in an error event.",
        },
        "security": [{"bearer": []}],
        "paths": {
            "/v1/chat/completions": _post("chat_completions", "A chat completion.", chat),
            "/v1/embeddings": _post("embeddings", "Embeddings.", embeddings, live=False),
            "/v1/responses": _post("responses", "A response; nothing is stored.", responses),
            "/v1/messages": _post("messages", "A message, as Anthropic has it.", messages),
            "/v1/messages/count_tokens": _post(
                "count_tokens", "An estimate: nobody here has the tokenizer.", counted, live=False
            ),
            "/v1/models": _get("list_models", "What may be asked: profiles, aliases, models."),
            "/v1/models/{model}": _get("get_model", "One of them.", parameter="model"),
        },
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"An API key or access token with {PERMISSION}.",
                }
            },
            "schemas": {"Error": _error()},
        },
    }


def _body(fields: Iterable[str], required: tuple[str, ...]) -> Document:
    return {
        "type": "object",
        "required": list(required),
        "properties": {name: TEXT if name == "model" else {} for name in sorted(fields)},
        "additionalProperties": False,
    }


def _post(name: str, summary: str, body: Document, *, live: bool = True) -> Document:
    content: Document = {"application/json": {"schema": {"type": "object"}}}
    if live:
        content["text/event-stream"] = {"schema": TEXT}
    return {
        "post": {
            "operationId": f"v1_{name}",
            "summary": summary,
            "parameters": [
                {"name": header, "in": "header", "schema": schema, "description": words}
                for header, (schema, words) in REQUEST_HEADERS.items()
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {"200": _answer(content), **_errors(ERRORS)},
        }
    }


def _get(name: str, summary: str, *, parameter: str | None = None) -> Document:
    described: Document = {"operationId": f"v1_{name}", "summary": summary}
    if parameter is not None:
        in_path = {"name": parameter, "in": "path", "required": True, "schema": TEXT}
        described["parameters"] = [in_path]
    content: Document = {"application/json": {"schema": {"type": "object"}}}
    errors = ("401", "403", "503") if parameter is None else ("401", "403", "404", "503")
    return {"get": {**described, "responses": {"200": _answer(content), **_errors(errors)}}}


def _answer(content: Document) -> Document:
    headers = {
        name: {"schema": TEXT, "description": words} for name, words in ANSWER_HEADERS.items()
    }
    return {"description": "Answered.", "headers": headers, "content": content}


def _errors(statuses: Iterable[str]) -> Document:
    schema = {"$ref": "#/components/schemas/Error"}
    return {
        status: {
            "description": ", ".join(ERRORS[status]),
            "content": {"application/json": {"schema": schema}},
        }
        for status in statuses
    }


def _error() -> Document:
    """OpenAI's form; at `/v1/messages` it is Anthropic's."""
    nullable: Document = {"type": ["string", "null"]}
    codes = sorted({code for group in ERRORS.values() for code in group})
    return {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code"],
                "properties": {
                    "message": TEXT,
                    "type": TEXT,
                    "param": nullable,
                    "code": {**TEXT, "examples": codes},
                    "budget": {"type": "object", "description": "With 402: the arithmetic."},
                },
            }
        },
    }
