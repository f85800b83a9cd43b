"""Changes of one variable that cannot both be meant."""

from agentverse_engine.inputs.events import EventScript

_BOUNDS = {"min", "max"}


def overlaps(left: EventScript, right: EventScript) -> bool:
    """Whether two scripts touch the same personas at the same tick."""
    a, b = left.scope, right.scope
    return (
        _meet(a.regions, b.regions)
        and _meet(a.segments, b.segments)
        and (a.end_tick is None or b.start_tick <= a.end_tick)
        and (b.end_tick is None or a.start_tick <= b.end_tick)
    )


def _meet(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    return not left or not right or bool(set(left) & set(right))


def contradict(left: EventScript, right: EventScript, *, stacked: bool) -> bool:
    """`stacked`: the words say that the second comes on top of the first."""
    if left.variable != right.variable or not overlaps(left, right):
        return False
    operations = {left.operation, right.operation}
    if operations == _BOUNDS:
        floor, cap = (left, right) if left.operation == "max" else (right, left)
        return floor.value > cap.value
    if operations & _BOUNDS and not operations <= _BOUNDS:
        return False
    if stacked and "set" not in operations:
        return False
    if left.operation == right.operation or "set" in operations:
        return True
    return _rises(left) != _rises(right)


def _rises(script: EventScript) -> bool:
    return script.value > (1 if script.operation == "multiply" else 0)
