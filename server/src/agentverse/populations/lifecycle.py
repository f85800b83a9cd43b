"""The life of a population: uploaded → importing → ready, or failed and importable again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from agentverse import audit, tasks
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Scope
from agentverse.platform.storage import artifact_store
from agentverse.populations import datasets, repository, snapshots
from agentverse.populations.building import Built, build
from agentverse.populations.errors import (
    ImportRunning,
    PopulationFrozen,
    PopulationNotReady,
)
from agentverse.populations.importing import Progress
from agentverse.populations.inspecting import Inspection
from agentverse.populations.mapping import check_mapping
from agentverse.populations.models import PopulationRow
from agentverse.populations.parsing import inspect_file
from agentverse.populations.removal import remove_expired
from agentverse.populations.row_batches import printable
from agentverse.populations.schemas import (
    BuildPopulation,
    DecisionMapping,
    FileReading,
    ImportRequest,
    Population,
    PopulationDetail,
    PopulationReport,
    Stage,
)
from agentverse.tasks import Attempt, Store, Task, TaskCancelled, TaskKind, TaskMonitor, TaskStatus

LONGEST_NAME = 80
LONGEST_FILE_NAME = 200
# What a population is once its import has ended without success.
AFTERWARDS: Final[Mapping[TaskStatus, str]] = {"failed": "failed", "cancelled": "uploaded"}


def _follow(db: TenantSession, population_id: UUID, status: TaskStatus) -> None:
    """After an import that failed or was cancelled the upload stays, to be mapped anew."""
    row = repository.find_population(db, population_id, for_update=True)
    if row is not None and status in AFTERWARDS:
        row.status = AFTERWARDS[status]


IMPORTS: Final = tasks.declare(
    TaskKind(
        name="import",
        subject_type="population",
        noun="import",
        payload=BuildPopulation,
        read_permission="populations:read",
        write_permission="populations:write",
        entered="import",
        on_status=_follow,
    )
)


def upload_population(
    scope: Scope, path: Path, *, file_name: str, name: str = "", source: str | None = None
) -> PopulationDetail:
    """Look into the file, keep it, and answer what is in it; a file nobody can use is refused."""
    inspection = inspect_file(path)
    key = artifact_store().put(scope.tenant_id, path, suffix=f".{inspection.format}")
    sha256 = key.partition("/")[2].partition(".")[0]
    shown = clean_file_name(file_name)
    row = PopulationRow(
        id=new_id(),
        name=(printable(name) or Path(shown).stem or shown)[:LONGEST_NAME],
        status="uploaded",
        source=source or datasets.source_of(sha256) or f"Uploaded file {shown}, SHA-256 {sha256}.",
        file_name=shown,
        file_sha256=sha256,
        size_bytes=path.stat().st_size,
        upload_key=key,
        inspection=inspection.model_dump(mode="json"),
    )
    with tenant_session(scope) as db:
        remove_expired(db)
        db.add(row)
        db.flush()
        audit.record(
            db,
            action="population.upload",
            resource_type=IMPORTS.subject_type,
            resource_id=row.id,
            after={"file_name": shown, "file_sha256": sha256},
        )
        return detail(db, row)


def clean_file_name(file_name: str) -> str:
    """Return the last part of a name without control characters."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return (
        "".join(sign for sign in last if sign.isprintable()).strip()[:LONGEST_FILE_NAME] or "file"
    )


def read_anew(scope: Scope, population_id: UUID, reading: FileReading) -> PopulationDetail:
    """Look into the stored file once more: another sheet, header row or encoding.

    Raises ImportRunning or PopulationFrozen, or an InvalidFile that leaves all as it was.
    """
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_population(db, population_id)
        _refuse_settled(row)
    inspection = inspect_file(artifact_store().path(scope.tenant_id, row.upload_key), reading)
    with tenant_session(scope) as db:
        row = repository.get_population(db, population_id, for_update=True)
        _refuse_settled(row)
        before = Inspection.model_validate(row.inspection).reading
        row.inspection = inspection.model_dump(mode="json")
        # What was mapped may not exist any more.
        row.status, row.request = "uploaded", None
        db.flush()
        audit.record(
            db,
            action="population.read",
            resource_type=IMPORTS.subject_type,
            resource_id=row.id,
            before=before.model_dump(mode="json"),
            after=inspection.reading.model_dump(mode="json"),
        )
        return detail(db, row)


def _refuse_settled(row: PopulationRow) -> None:
    if row.status == "importing":
        raise ImportRunning(
            f"{row.name!r} is being imported right now. Wait until it is ready or has failed."
        )
    if row.status == "ready":
        raise PopulationFrozen(
            f"{row.name!r} is ready, and projects may refer to it. Upload the file again to make "
            "another population with this mapping."
        )


def start_import(db: TenantSession, population_id: UUID, request: ImportRequest) -> PopulationRow:
    """Queue the import; of two at the same time the second is refused.

    Raises ImportRunning, or PopulationFrozen after one that succeeded.
    """
    row = repository.get_population(db, population_id, for_update=True)
    _refuse_settled(row)
    inspection = Inspection.model_validate(row.inspection)
    seen = [column.name for column in inspection.columns]
    check_mapping(request.mapping, list(dict.fromkeys([*seen, *inspection.raw_columns])))
    document = request.model_dump(mode="json")
    row.status, row.request = "importing", document
    db.flush()
    lock = f"population:{row.id}"
    tasks.enter(db, IMPORTS, row.id, title=row.name, label="queued", lock=lock, after=document)
    return row


def build_population(attempt: Attempt, progress: Progress | None = None) -> Store:
    """Import, synthesise and freeze; nothing is visible before all of it is there.

    Runs again after a killed worker from the stored file alone, to the same digest. progress: is
    told each stage too. Raises TaskCancelled between two stages.
    """
    with tenant_session(attempt.scope, read_only=True) as db:
        row = repository.get_population(db, attempt.subject_id)
    report = _reporter(TaskMonitor(attempt=attempt), progress)
    built = build(
        artifact_store().path(attempt.scope.tenant_id, row.upload_key),
        ImportRequest.model_validate(row.request),
        file_sha256=row.file_sha256,
        source=row.source,
        progress=report,
        reading=Inspection.model_validate(row.inspection).reading,
    )
    report("storing", 0, 1)
    return _stored(attempt.scope, row.id, built)


def _reporter(monitor: TaskMonitor, also: Progress | None) -> Progress:
    def report(name: str, done: int, total: int) -> None:
        if also is not None:
            also(name, done, total)
        if monitor.should_cancel():
            raise TaskCancelled
        monitor.report(done, total, name)

    return report


def _stored(scope: Scope, population_id: UUID, built: Built) -> Store:
    """Files first, then the transaction that names them and says ready."""
    store = artifact_store()
    snapshot_key = store.put(
        scope.tenant_id, snapshots.encode(built.snapshot), suffix=snapshots.SUFFIX
    )
    refused_key = store.put(scope.tenant_id, built.refused_csv, suffix=".csv")

    def name_them(db: TenantSession) -> Mapping[str, Any]:
        row = repository.get_population(db, population_id, for_update=True)
        row.digest = built.snapshot.digest
        row.personas = len(built.snapshot.population)
        row.snapshot_key = snapshot_key
        row.refused_key = refused_key
        row.report = _report(row, built).model_dump(mode="json")
        row.status = "ready"
        return {"digest": row.digest, "personas": row.personas}

    return name_them


def _report(row: PopulationRow, built: Built) -> PopulationReport:
    return PopulationReport(
        population_id=row.id,
        digest=built.snapshot.digest,
        import_report=built.import_report,
        fit=built.fit,
        network=built.network,
        estimation=built.estimation,
        source=row.source,
    )


def get_population(db: TenantSession, population_id: UUID) -> Population:
    return views(db, [repository.get_population(db, population_id)])[0]


def get_detail(db: TenantSession, population_id: UUID) -> PopulationDetail:
    return detail(db, repository.get_population(db, population_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPopulation:
    """What lists show of a population. alternative_labels: as its mapping calls them;
    survey_shares: of each alternative in the survey, empty before the import has ended."""

    name: str
    personas: int
    alternative_labels: Mapping[str, str]
    survey_shares: Mapping[str, float]
    decision: DecisionMapping


def named_populations(
    db: TenantSession, population_ids: Iterable[UUID]
) -> dict[UUID, NamedPopulation]:
    """In one query, without reading what inspection saw of each file."""
    return {one.id: _named(one) for one in repository.names_of(db, population_ids)}


def _named(names: repository.PopulationNames) -> NamedPopulation:
    labels = {item["value"]: item["label"] for item in names.alternatives}
    chosen = next((one for one in names.marginals if one["name"] == "choice"), None)
    shares: dict[str, float] = {}
    if chosen is not None:
        shares = dict(zip(chosen["categories"], chosen["target"], strict=True))
    total = sum(shares.values())
    return NamedPopulation(
        name=names.name,
        personas=names.personas or 0,
        alternative_labels=labels,
        survey_shares={name: shares[label] / total for name, label in labels.items() if shares},
        decision=DecisionMapping.model_validate(names.decision),
    )


def list_populations(
    db: TenantSession, *, cursor: str | None = None, limit: int = 50
) -> Page[Population]:
    page = repository.page_populations(db, cursor=cursor, limit=limit)
    return Page(items=views(db, page.items), next_cursor=page.next_cursor)


def detail(db: TenantSession, row: PopulationRow) -> PopulationDetail:
    """The row with what inspection saw and the mapping that was used."""
    inspection = Inspection.model_validate(row.inspection)
    request = ImportRequest.model_validate(row.request) if row.request else None
    return PopulationDetail(
        **views(db, [row])[0].model_dump(),
        columns=inspection.columns,
        preview=inspection.preview,
        rows_estimated=inspection.rows_estimated,
        reading=inspection.reading,
        sheets=inspection.sheets,
        odd_words=inspection.odd_words,
        suggested_mapping=inspection.suggested_mapping,
        suggestion_notes=inspection.suggestion_notes,
        personal_data=inspection.personal_data,
        mapping=request and request.mapping,
        synthesis=request and request.synthesis,
    )


def views(db: TenantSession, rows: Sequence[PopulationRow]) -> list[Population]:
    """Rows with what the newest import of each says."""
    imports = tasks.latest(db, [row.id for row in rows])
    return [_view(row, imports.get(row.id)) for row in rows]


def _view(row: PopulationRow, task: Task | None) -> Population:
    return Population(
        id=row.id,
        name=row.name,
        tags=row.tags,
        status=row.status,  # pyright: ignore[reportArgumentType] - a constraint knows the words
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        personas=row.personas,
        digest=row.digest,
        created_at=row.created_at,
        stage=_stage(task) if task is not None and row.status == "importing" else None,
        problem=task.problem if task is not None and row.status == "failed" else None,
    )


def _stage(task: Task) -> Stage:
    return Stage(name=task.progress.label, done=task.progress.done, total=task.progress.total or 1)


def get_report(db: TenantSession, population_id: UUID) -> PopulationReport:
    """Raises PopulationNotReady."""
    row = repository.get_population(db, population_id)
    if row.report is None:
        raise PopulationNotReady(
            f"{row.name!r} is {row.status}, so there is no report yet. Finish its import first."
        )
    return PopulationReport.model_validate(row.report)


def survey_shares(db: TenantSession, population_id: UUID) -> dict[str, float]:
    """Of each alternative in the survey, weighted as its people are; they sum to 1."""
    return dict(named_populations(db, [population_id])[population_id].survey_shares)


def refused_rows_path(scope: Scope, population_id: UUID) -> Path:
    """Return the CSV of every refused row. Raises PopulationNotReady."""
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_population(db, population_id)
    if row.refused_key is None:
        raise PopulationNotReady(
            f"{row.name!r} is {row.status}; the list of refused rows comes with a finished import."
        )
    return artifact_store().path(scope.tenant_id, row.refused_key)
