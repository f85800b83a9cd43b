"""From a stored file to a frozen population: the slow part, which touches no database."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentverse.platform.temporary import work_folder
from agentverse.populations.estimating import choice_model, estimation_report, fit_choices
from agentverse.populations.importing import Imported, Progress
from agentverse.populations.losses import MOST_LOSSES, check_loss
from agentverse.populations.opening import AS_IT_STANDS
from agentverse.populations.parsing import REFUSED, import_file
from agentverse.populations.schemas import (
    ColumnMapping,
    EstimationReport,
    FileReading,
    FitReport,
    ImportReport,
    ImportRequest,
    LabelMapping,
    NetworkReport,
)
from agentverse.populations.snapshots import Snapshot, population_digest
from agentverse.populations.survey import Survey
from agentverse.populations.synthesizing import fit_report, network_report, synthesise


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A snapshot with its reports, and the CSV of refused rows."""

    snapshot: Snapshot
    import_report: ImportReport
    fit: FitReport
    network: NetworkReport
    estimation: EstimationReport | None
    refused_csv: bytes


def build(
    path: Path,
    request: ImportRequest,
    *,
    file_sha256: str,
    source: str,
    progress: Progress,
    reading: FileReading = AS_IT_STANDS,
) -> Built:
    """Import, synthesise, estimate. Equal files and requests give equal bits."""
    with work_folder("import") as folder:
        imported = import_file(
            path, request.mapping, folder=folder, progress=progress, reading=reading
        )
        check_loss(imported, request.accepted_loss)
        refused_csv = (folder / REFUSED).read_bytes()
    survey, mapping = imported.survey, request.mapping
    made = synthesise(survey, request.synthesis, progress=progress)
    progress("estimating", 0, 1)
    fit = fit_choices(survey, mapping) if mapping.choice_column is not None else None
    categories = {name: each.of_rows(made.chosen) for name, each in survey.categories.items()}
    snapshot = Snapshot(
        population=made.population,
        network=made.network,
        model=fit and choice_model(fit, mapping),
        fit=fit,
        mapping=mapping,
        regions=survey.regions,
        segments=survey.segments,
        traits={name: values[made.chosen] for name, values in survey.traits.items()},
        categories=categories,
        source_line=survey.line[made.chosen],
        source=source,
        digest=population_digest(made.population, made.network, categories),
    )
    return Built(
        snapshot=snapshot,
        import_report=_import_report(imported, mapping, file_sha256),
        fit=fit_report(survey, made, mapping),
        network=network_report(made, mapping),
        estimation=fit and estimation_report(fit, mapping),
        refused_csv=refused_csv,
    )


def _import_report(imported: Imported, mapping: ColumnMapping, file_sha256: str) -> ImportReport:
    survey = imported.survey
    choices = [alternative.value for alternative in mapping.alternatives]
    return ImportReport(
        rows_read=imported.rows_read,
        rows_imported=len(survey),
        rows_refused=imported.rows_refused,
        refused=imported.refused,
        losses=imported.losses[:MOST_LOSSES],
        people=None if survey.person is None else int(np.unique(survey.person).size),
        choice_counts=_counts(choices, survey.choice) if choices else {},
        choice_shares=_shares(choices, survey) if choices else {},
        offered_counts={value: int(flags.sum()) for value, flags in survey.offered.items()},
        region_counts=_counts(_names(survey.regions), survey.region) if mapping.region else {},
        segment_counts=_counts(_names(survey.segments), survey.segment) if mapping.segment else {},
        file_sha256=file_sha256,
    )


def _names(labels: tuple[LabelMapping, ...]) -> list[str]:
    return [label.name for label in labels]


def _shares(names: list[str], survey: Survey) -> dict[str, float]:
    """Percent of people, each row as many as its weight says."""
    people = np.bincount(survey.choice, weights=survey.weight, minlength=len(names))
    return dict(zip(names, (100 * people / people.sum()).tolist(), strict=True))


def _counts(names: list[str], codes: NDArray[Any]) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(names))
    return dict(zip(names, counts.tolist(), strict=True))
