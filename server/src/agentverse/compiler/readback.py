"""Scripts in plain words."""

from agentverse.compiler.vocabulary import Vocabulary
from agentverse_engine.inputs.events import EventScript, Scope


def sentence_of(script: EventScript, vocabulary: Vocabulary) -> str:
    """Say for example "installation cost of heat pump × 0.7 from month 6 in valley"."""
    variable = vocabulary.variable(script.variable)
    label = variable.label if variable else script.variable
    unit = variable.unit if variable and variable.unit != "1" else ""
    change = _change(script, unit)
    return " ".join(
        part
        for part in (
            label,
            change,
            _when(script.scope, vocabulary),
            _whom(script.scope, vocabulary),
        )
        if part
    )


def _change(script: EventScript, unit: str) -> str:
    value = f"{abs(script.value):g}"
    match script.operation:
        case "multiply":
            return f"× {value}"
        case "add":
            return f"{'−' if script.value < 0 else '+'} {value} {unit}".strip()
        case "set":
            return f"= {value} {unit}".strip()
        case "min":
            return f"at most {value} {unit}".strip()
        case "max":
            return f"at least {value} {unit}".strip()


def _when(scope: Scope, vocabulary: Vocabulary) -> str:
    unit = vocabulary.tick_unit
    if scope.end_tick is not None and scope.start_tick == scope.end_tick:
        return f"in {unit} {scope.start_tick}"
    parts = [f"from {unit} {scope.start_tick}"] if scope.start_tick else []
    parts += [f"until {unit} {scope.end_tick}"] if scope.end_tick is not None else []
    return " ".join(parts)


def _whom(scope: Scope, vocabulary: Vocabulary) -> str:
    regions = ", ".join(vocabulary.regions[name][0] for name in scope.regions)
    segments = ", ".join(vocabulary.segments[name][0] for name in scope.segments)
    return " ".join(
        part
        for part in (f"in {regions}" if regions else "", f"for {segments}" if segments else "")
        if part
    )
