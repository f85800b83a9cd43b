"""Errors of the engine: each names the field at fault and says what to change."""

from typing import ClassVar


class EngineError(Exception):
    """Something given to the engine cannot be used; `field` says what, `fix` says what to do."""

    code: ClassVar[str] = "engine.invalid"

    def __init__(self, message: str, *, field: str, fix: str) -> None:
        super().__init__(f"{field}: {message} {fix}")
        self.message = message
        self.field = field
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling, and runs happen in workers.
        return _rebuild, (type(self), self.message, self.field, self.fix)


def _rebuild(kind: type[EngineError], message: str, field: str, fix: str) -> EngineError:
    return kind(message, field=field, fix=fix)


class PopulationError(EngineError):
    """The population's arrays do not fit together or hold unusable values."""

    code = "engine.population_invalid"


class NetworkError(EngineError):
    """The network is not a simple graph over the population, or cannot be drawn as asked."""

    code = "engine.network_invalid"


class VariableError(EngineError):
    """A registry entry contradicts itself, the model, or the population."""

    code = "engine.variable_invalid"


class ModelError(EngineError):
    """The choice model is incomplete or holds unusable numbers."""

    code = "engine.model_invalid"


class ScriptError(EngineError):
    """An event script cannot be carried out as written."""

    code = "engine.script_invalid"


class ScenarioError(EngineError):
    """The parts of a scenario do not fit together."""

    code = "engine.scenario_invalid"


class RequestError(EngineError):
    """An argument of an engine call is out of range."""

    code = "engine.request_invalid"


class EstimationError(EngineError):
    """The data cannot be fitted as given."""

    code = "engine.estimation_failed"


class UnidentifiedError(EstimationError):
    """The data hold no information on a coefficient."""

    code = "engine.estimation_unidentified"


class SeparationError(EstimationError):
    """The data predict the choice perfectly, so no finite estimate exists."""

    code = "engine.estimation_separated"


class MarginError(EngineError):
    """A target of a population's margins is unusable."""

    code = "engine.margin_invalid"


class StructuralZeroError(MarginError):
    """A target asks for people of a category that no survey row can stand for."""

    code = "engine.margin_unreachable"


class ContradictionError(MarginError):
    """The margins cannot hold together."""

    code = "engine.margins_contradictory"


class CorrelationError(EngineError):
    """The correlations are not those of any set of attributes."""

    code = "engine.correlation_invalid"


class Cancelled(EngineError):
    """The run stopped at a tick boundary because the caller asked it to."""

    code = "engine.cancelled"


class RuleError(EngineError):
    """A rule or a pack of rules cannot be compiled, or gave a value that is not a number."""

    code = "engine.rule_invalid"


class StudyError(EngineError):
    """The model under study returned what a diagnostic cannot use."""

    code = "engine.study_invalid"


class LeakageError(EngineError):
    """A datum was not yet known at the cutoff, so learning from it would look into the future."""

    code = "engine.leakage"


class PackError(EngineError):
    """A pack of rules contradicts itself."""

    code = "engine.pack_invalid"


class MissingExtra(EngineError):
    """A library beyond numpy and numba is asked for and not installed."""

    code = "engine.missing_extra"


class CheckpointError(EngineError):
    """A run cannot go on from this checkpoint."""

    code = "engine.checkpoint_invalid"


class WorkerLost(EngineError):
    """A worker died more often than a run is tried again."""

    code = "engine.worker_lost"


class CodecError(EngineError):
    """Stored telemetry is damaged, or of a format version that this release does not read."""

    code = "engine.codec_invalid"


class PlanError(EngineError):
    """A planning problem, an actor or a search contradicts itself or names what does not exist."""

    code = "engine.plan_invalid"
