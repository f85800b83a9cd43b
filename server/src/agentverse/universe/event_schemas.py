"""Wire types of event scripts: the engine's whole form of one change, in and out."""

from typing import Annotated, Literal

from pydantic import Field

from agentverse.platform.wire import RequestModel, WireModel

MOST_SCRIPTS = 100
MOST_PERSONAS = 10_000
LARGEST_ID = 2**31 - 1

Finite = Annotated[float, Field(allow_inf_nan=False)]
Tick = Annotated[int, Field(ge=0, le=100_000)]
Operation = Literal["set", "add", "multiply", "min", "max"]
Comparing = Literal["<", "<=", ">", ">="]


class WhereWire(WireModel):
    """Only personas whose attribute compares so, as they start."""

    attribute: str
    comparison: Comparing
    value: Finite


class ScopeWire(WireModel):
    """Empty lists: everyone. Ticks are inclusive; end null: to the horizon."""

    regions: list[str] = Field(default_factory=list)
    segments: list[str] = Field(default_factory=list)
    start_tick: Tick = 0
    end_tick: Tick | None = None
    personas: list[Annotated[int, Field(ge=0, le=LARGEST_ID)]] = Field(
        default_factory=list[int],
        max_length=MOST_PERSONAS,
        description="Single personas by id: their row in frames and layout.",
    )
    where: list[WhereWire] = Field(
        default_factory=list[WhereWire], max_length=20, description="All of them must hold."
    )


class IntensityWire(WireModel):
    """How strongly a script acts over its ticks, from 0 to 1."""

    kind: Literal[
        "step",
        "instantaneous",
        "pulse",
        "linear_decay",
        "exponential_decay",
        "lagged",
        "custom",
    ] = "step"
    duration_ticks: Tick | None = Field(default=None, description="Of pulse and linear_decay.")
    half_life_ticks: Finite | None = Field(default=None, description="Of exponential_decay.")
    lag_ticks: Tick | None = Field(default=None, description="Of lagged: in full from then on.")
    values: list[Finite] = Field(
        default_factory=list[float], max_length=600, description="Of custom: one a tick, then 0."
    )


class ConditionWire(WireModel):
    """What must be so at the tick before, among those in scope, for a script to act."""

    outcome: str = Field(description="An alternative (its share, 0 to 1) or a level (its mean).")
    comparison: Comparing
    value: Finite
    hold: Literal["once", "while"] = "once"


class EventScriptInput(WireModel):
    """One change of one variable. Scripts of one bundle occur together or not at all."""

    variable: str
    operation: Operation
    value: Finite
    scope: ScopeWire = Field(default_factory=ScopeWire)
    intensity: IntensityWire = Field(default_factory=IntensityWire)
    probability: Finite = Field(default=1.0, description="Drawn once per replicate.")
    condition: ConditionWire | None = None
    bundle: str = Field(default="", max_length=80)
    label: str = Field(default="", max_length=200)


class EventScriptWire(EventScriptInput):
    sentence: str = Field(default="", description="The script in plain words.")


class BranchRequest(RequestModel):
    event_scripts: list[EventScriptInput] = Field(min_length=1, max_length=MOST_SCRIPTS)
    label: str = Field(default="", max_length=200, description="Default: the changes in words.")
    explanation: str = Field(default="", max_length=2000)


class TuneChange(WireModel):
    operation: Operation
    value: Finite


class TuneRequest(RequestModel):
    """From tick 0 on, for everyone: a number sets a parameter; attributes say how they change."""

    values: dict[str, Finite | TuneChange] = Field(min_length=1, max_length=MOST_SCRIPTS)
    label: str = Field(default="", max_length=200, description="Default: the changes in words.")


class TunedValue(WireModel):
    sentence: str = Field(description="The change in plain words; empty where it is refused.")
    problem: str = Field(description="Why it would be refused, with the way out; empty: it is not.")
    warning: str = Field(
        description="What speaks against it although it runs, as a value that the file does not "
        "hold by far; empty: nothing."
    )


class TunePreview(WireModel):
    """What would be made of a tuning, before anything runs."""

    values: dict[str, TunedValue]
