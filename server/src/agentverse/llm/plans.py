"""What one call will do before it does anything: models, body, worst case in tokens and money."""

from dataclasses import dataclass
from decimal import Decimal

from agentverse.llm import pricing
from agentverse.llm.catalogue import ModelEntry, ProfileSettings, Target
from agentverse.llm.errors import ContextLengthExceeded, CostCeilingExceeded, InvalidValue
from agentverse.llm.pricing import FREE, ZERO, Price, TokenUsage
from agentverse.llm.requests import (
    TEMPLATE_TOKENS_PER_MESSAGE,
    CallRequest,
    Document,
    Endpoint,
)
from agentverse.llm.structured_output import REPAIR_TOKENS, OutputSchema

# What the router itself decides about a request's body.
OURS = frozenset({"model", "stream"})
# A tokenizer's token holds about this much English text; only for estimates, never for holds.
BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`max_tokens` is what each answer may have at most; None: the model's own limit."""

    endpoint: Endpoint
    settings: ProfileSettings
    models: tuple[ModelEntry, ...]
    document: Document
    max_tokens: int | None
    answers: int
    input_tokens: int
    has_media: bool
    hold_usd: Decimal
    hold_tokens: int
    output_schema: OutputSchema | None = None

    def document_for(self, model: ModelEntry) -> Document:
        """The body for this model: `max_tokens` is always said."""
        if self.endpoint != "chat":
            return self.document
        if self.document.keys() & {"max_tokens", "max_completion_tokens"}:
            return self.document
        return {**self.document, "max_tokens": _output_limit(model, self.max_tokens)}


def make_plan(target: Target, request: CallRequest) -> Plan:
    """Raises InvalidValue (of it ContextLengthExceeded, CostCeilingExceeded): nothing is spent."""
    settings = target.settings
    wanted = request.max_tokens if request.max_tokens is not None else settings.max_tokens
    models = _able(target, request)
    tokens = request.text_tokens
    if request.endpoint == "chat" and settings.system_prompt:
        tokens += len(settings.system_prompt.encode()) + TEMPLATE_TOKENS_PER_MESSAGE
    wanted, hold = _fit(target, request, models, tokens, wanted)
    schema = None if settings.max_repairs is None else request.output_schema
    again = _repairs(target, request)
    return Plan(
        endpoint=request.endpoint,
        settings=settings,
        models=models,
        document=_document(settings, request, wanted),
        max_tokens=wanted,
        answers=request.answers,
        input_tokens=tokens,
        has_media=request.has_media,
        hold_usd=hold,
        hold_tokens=max(
            (1 + again)
            * (_input_bound(model, tokens, request) + _output_bound(model, wanted, request))
            + again * REPAIR_TOKENS
            for model in models
        ),
        output_schema=schema,
    )


def _repairs(target: Target, request: CallRequest) -> int:
    """How many more answers there may be than one."""
    return 0 if request.output_schema is None else target.settings.max_repairs or 0


def _whole_hold(
    target: Target,
    request: CallRequest,
    models: tuple[ModelEntry, ...],
    tokens: int,
    wanted: int | None,
) -> Decimal:
    """The hold with that of every repair: each asks for a little more than the first."""
    hold = _hold(models, tokens, wanted, request)
    if again := _repairs(target, request):
        hold += again * _hold(models, tokens + REPAIR_TOKENS, wanted, request)
    return hold


def _fit(
    target: Target,
    request: CallRequest,
    models: tuple[ModelEntry, ...],
    tokens: int,
    wanted: int | None,
) -> tuple[int | None, Decimal]:
    """The output limit and the hold, within the profile's cost ceiling."""
    hold = _whole_hold(target, request, models, tokens, wanted)
    ceiling = target.settings.max_cost_per_request_usd
    if ceiling is None or hold <= ceiling:
        return wanted, hold
    if target.settings.shrink_max_tokens and request.endpoint == "chat":
        shrunk = _affordable(target, models, tokens, request, ceiling)
        if shrunk >= 1:
            return shrunk, _whole_hold(target, request, models, tokens, shrunk)
    raise CostCeilingExceeded(
        f"This call may cost up to {plain(hold)} USD (at most {tokens} input tokens, "
        f"{max(_output_bound(model, wanted, request) for model in models)} output tokens, at the "
        f"dearest rates of {', '.join(model.name for model in models)}); the profile allows "
        f"{plain(ceiling)} USD. Shorten the text, lower `max_tokens`, or raise the profile's "
        "max_cost_per_request_usd.",
        hold_usd=plain(hold),
        ceiling_usd=plain(ceiling),
    )


def _affordable(
    target: Target,
    models: tuple[ModelEntry, ...],
    tokens: int,
    request: CallRequest,
    ceiling: Decimal,
) -> int:
    """The most output tokens for which the hold stays within the ceiling; 0: none."""
    most = min(model.max_output_tokens for model in models)
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if _whole_hold(target, request, models, tokens, middle) <= ceiling:
            low = middle
        else:
            high = middle - 1
    return low


def _able(target: Target, request: CallRequest) -> tuple[ModelEntry, ...]:
    """The models that can answer as long as the caller wants."""
    first = target.models[0]
    if request.max_tokens is not None and request.max_tokens > first.max_output_tokens:
        raise InvalidValue(
            f"`max_tokens` is {request.max_tokens}; {first.name} answers with at most "
            f"{first.max_output_tokens}.",
            param="max_tokens",
        )
    # No tokenizer packs more than this into one token of ordinary text.
    if request.text_tokens > 64 * max(model.context_window for model in target.models):
        raise ContextLengthExceeded(
            f"The text is too long for {first.name}, which reads {first.context_window} tokens. "
            "Shorten it or choose a larger model.",
            param="messages",
        )
    return tuple(
        model
        for model in target.models
        if request.max_tokens is None or request.max_tokens <= model.max_output_tokens
    )


def _hold(
    models: tuple[ModelEntry, ...], tokens: int, wanted: int | None, request: CallRequest
) -> Decimal:
    """Upper bound over the whole chain: dearest input and dearest output, together."""
    into = out = ZERO
    for model in models:
        price = price_of(model)
        bound = _input_bound(model, tokens, request)
        into = max(into, pricing.hold_usd(price, bound, 0))
        longest = _output_bound(model, wanted, request)
        out = max(out, pricing.hold_usd(price, bound, longest) - pricing.hold_usd(price, bound, 0))
    return into + out


def _input_bound(model: ModelEntry, tokens: int, request: CallRequest) -> int:
    return model.context_window if request.has_media else min(tokens, model.context_window)


def _output_bound(model: ModelEntry, wanted: int | None, request: CallRequest) -> int:
    if request.endpoint == "embeddings":
        return 0
    return _output_limit(model, wanted) * request.answers


def _output_limit(model: ModelEntry, wanted: int | None) -> int:
    return model.max_output_tokens if wanted is None else min(wanted, model.max_output_tokens)


def _document(settings: ProfileSettings, request: CallRequest, wanted: int | None) -> Document:
    body = {name: value for name, value in request.document.items() if name not in OURS}
    if request.endpoint != "chat":
        return body
    if settings.system_prompt:
        prompt = {"role": "system", "content": settings.system_prompt}
        body["messages"] = [prompt, *body["messages"]]
    if settings.temperature is not None and "temperature" not in body:
        body["temperature"] = settings.temperature
    for name in ("max_tokens", "max_completion_tokens"):
        if body.get(name) is None:
            body.pop(name, None)
        elif wanted is not None:
            body[name] = min(body[name], wanted)
    return body


def price_of(model: ModelEntry) -> Price:
    return FREE if model.price is None else model.price


def estimated_usage(plan: Plan, output_bytes: int) -> TokenUsage:
    """What a call used of which the provider said nothing: about its text, never nothing."""
    return TokenUsage(
        input_tokens=max(plan.input_tokens // BYTES_PER_TOKEN, 1),
        output_tokens=-(-output_bytes // BYTES_PER_TOKEN),
    )


def plain(usd: Decimal) -> str:
    """Plain digits, as they travel: `str` of a small Decimal is 3E-7."""
    return f"{usd.normalize():f}"
