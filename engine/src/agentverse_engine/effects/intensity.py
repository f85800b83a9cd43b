"""How strongly a script acts at a tick."""

from agentverse_engine.inputs.events import EventScript, IntensityProfile
from agentverse_engine.numerics.mathematics import LN2, exponential


def strength(script: EventScript, tick: int, started: int | None = None) -> float:
    """Return the intensity of a script at a tick, 0 to 1; `started`: its own first tick."""
    elapsed = tick - (script.scope.start_tick if started is None else started)
    if elapsed < 0 or (script.scope.end_tick is not None and tick > script.scope.end_tick):
        return 0.0
    return _profile_strength(script.intensity, elapsed)


def _profile_strength(profile: IntensityProfile, elapsed: int) -> float:
    if profile.kind == "instantaneous":
        return 1.0 if elapsed == 0 else 0.0
    if profile.kind == "pulse":
        return 1.0 if elapsed < (profile.duration_ticks or 1) else 0.0
    if profile.kind == "custom":
        return float(profile.values[elapsed]) if elapsed < len(profile.values) else 0.0
    if profile.kind == "linear_decay" and profile.duration_ticks is not None:
        return max(0.0, 1.0 - elapsed / profile.duration_ticks)
    if profile.kind == "exponential_decay" and profile.half_life_ticks is not None:
        return exponential(-LN2 * (elapsed / profile.half_life_ticks))
    if profile.kind == "lagged" and profile.lag_ticks is not None:
        return min(1.0, (elapsed + 1) / profile.lag_ticks)
    return 1.0
