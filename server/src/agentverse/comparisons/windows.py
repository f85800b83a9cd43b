"""The ticks over which a comparison looks at shares."""

from dataclasses import dataclass

from agentverse.runs.intervals import named
from agentverse.runs.outcomes import Outcome
from agentverse.runs.schemas import ShareKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    metric: ShareKind
    from_tick: int
    to_tick: int

    def outcome(self, of: str, *, segment: str | None, region: str | None) -> Outcome:
        """Of one alternative in one group."""
        return Outcome(
            kind=self.metric,
            of=of,
            first_tick=self.from_tick,
            last_tick=self.to_tick,
            segments=named(segment),
            regions=named(region),
        )
