"""The life of a population: uploaded → importing → ready, or failed and importable again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from agentverse import audit
from agentverse.platform.db.queries import RowPage
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.http.problems import problem_document, unexpected_document
from agentverse.platform.ids import new_id
from agentverse.platform.jobs.queue import enqueue
from agentverse.platform.scope import Scope
from agentverse.platform.storage import artifact_store
from agentverse.populations import datasets, repository, snapshots
from agentverse.populations.building import Built, build
from agentverse.populations.errors import (
    ImportRunning,
    PopulationFrozen,
    PopulationNotReady,
)
from agentverse.populations.inspecting import Inspection, inspect
from agentverse.populations.mapping import check_mapping
from agentverse.populations.models import PopulationRow
from agentverse.populations.reading import printable
from agentverse.populations.schemas import (
    BuildPopulation,
    ImportRequest,
    Population,
    PopulationDetail,
    PopulationReport,
    Stage,
)

LONGEST_NAME = 80
LONGEST_FILE_NAME = 200
RESOURCE = "population"
# A stage is stored when it has grown by this share, so a long file costs few transactions.
STORED_STEP = 0.05


def upload_population(
    scope: Scope, path: Path, *, file_name: str, name: str = "", source: str | None = None
) -> PopulationDetail:
    """Look into the file, keep it, and answer what is in it; a file nobody can use is refused."""
    inspection = inspect(path)
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
        db.add(row)
        db.flush()
        _record(db, "upload", row, after={"file_name": shown, "file_sha256": sha256})
    return detail(row)


def clean_file_name(file_name: str) -> str:
    """Return the last part of a name without control characters."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return (
        "".join(sign for sign in last if sign.isprintable()).strip()[:LONGEST_FILE_NAME] or "file"
    )


def start_import(db: TenantSession, population_id: UUID, request: ImportRequest) -> PopulationRow:
    """Queue the import; of two at the same time the second is refused."""
    row = repository.get_population(db, population_id, for_update=True)
    if row.status == "importing":
        raise ImportRunning(
            f"{row.name!r} is being imported right now. Wait until it is ready or has failed."
        )
    if row.status == "ready":
        raise PopulationFrozen(
            f"{row.name!r} is ready, and projects may refer to it. Upload the file again to make "
            "another population with this mapping."
        )
    columns = [column.name for column in Inspection.model_validate(row.inspection).columns]
    check_mapping(request.mapping, columns)
    document = request.model_dump(mode="json")
    row.status = "importing"
    row.request = document
    row.problem = None
    row.stage = Stage(name="queued", done=0, total=1).model_dump()
    db.flush()
    _record(db, "import", row, after=document)
    enqueue(db, BuildPopulation(population_id=row.id), lock=f"population:{row.id}")
    return row


def build_population(
    scope: Scope, population_id: UUID, progress: Callable[[str, int, int], None] | None = None
) -> None:
    """Import, synthesise and freeze; nothing is visible before all of it is there.

    Runs again after a killed worker from the stored file alone, to the same digest.
    """
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_population(db, population_id)
    if row.status != "importing":
        return
    stages = StageReporter(scope, population_id, progress)
    built = build(
        artifact_store().path(scope.tenant_id, row.upload_key),
        ImportRequest.model_validate(row.request),
        file_sha256=row.file_sha256,
        source=row.source,
        progress=stages.report,
    )
    stages.report("storing", 0, 1)
    _store(scope, population_id, built)


def _store(scope: Scope, population_id: UUID, built: Built) -> None:
    """Files first, then one transaction that names them and says ready."""
    store = artifact_store()
    snapshot_key = store.put(
        scope.tenant_id, snapshots.encode(built.snapshot), suffix=snapshots.SUFFIX
    )
    refused_key = store.put(scope.tenant_id, built.refused_csv, suffix=".csv")
    with tenant_session(scope) as db:
        row = repository.get_population(db, population_id, for_update=True)
        if row.status != "importing":
            return
        row.status = "ready"
        row.stage = None
        row.digest = built.snapshot.digest
        row.personas = len(built.snapshot.population)
        row.snapshot_key = snapshot_key
        row.refused_key = refused_key
        row.report = _report(row, built).model_dump(mode="json")
        _record(db, "ready", row, after={"digest": row.digest, "personas": row.personas})


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


def fail_import(scope: Scope, population_id: UUID, error: Exception) -> None:
    """Store the problem; the upload stays, so that a corrected mapping can be tried."""
    document = (
        problem_document(error, scope.request_id)
        if isinstance(error, AgentVerseError)
        else unexpected_document(scope.request_id)
    )
    with tenant_session(scope) as db:
        row = repository.get_population(db, population_id, for_update=True)
        if row.status != "importing":
            return
        row.status = "failed"
        row.stage = None
        row.problem = document
        _record(db, "fail", row, after={"code": document["code"]}, outcome="failure")


def _record(
    db: TenantSession,
    verb: str,
    row: PopulationRow,
    *,
    after: dict[str, Any],
    outcome: Literal["success", "failure"] = "success",
) -> None:
    audit.record(
        db,
        action=f"{RESOURCE}.{verb}",
        resource_type=RESOURCE,
        resource_id=row.id,
        after=after,
        outcome=outcome,
    )


class StageReporter:
    """Stores how far an import is, in a short transaction each time it has moved enough."""

    def __init__(
        self,
        scope: Scope,
        population_id: UUID,
        also: Callable[[str, int, int], None] | None,
    ) -> None:
        self._scope = scope
        self._population_id = population_id
        self._also = also
        self._stored: tuple[str, float] = ("", 0.0)

    def report(self, name: str, done: int, total: int) -> None:
        if self._also is not None:
            self._also(name, done, total)
        share = done / max(1, total)
        stored_name, stored_share = self._stored
        if name == stored_name and share < min(1.0, stored_share + STORED_STEP):
            return
        self._stored = (name, share)
        stage = Stage(name=name, done=done, total=total).model_dump()
        with tenant_session(self._scope) as db:
            repository.store_stage(db, self._population_id, stage)


def get_population(db: TenantSession, population_id: UUID) -> Population:
    return Population.model_validate(repository.get_population(db, population_id))


def get_detail(db: TenantSession, population_id: UUID) -> PopulationDetail:
    return detail(repository.get_population(db, population_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPopulation:
    """What lists show of a population. alternative_labels: as its mapping calls them."""

    name: str
    personas: int
    alternative_labels: Mapping[str, str]


def named_populations(
    db: TenantSession, population_ids: Iterable[UUID]
) -> dict[UUID, NamedPopulation]:
    """In one query, without reading what inspection saw of each file."""
    return {
        population_id: NamedPopulation(
            name=name,
            personas=personas or 0,
            alternative_labels={item["value"]: item["label"] for item in alternatives or []},
        )
        for population_id, name, personas, alternatives in repository.names_of(db, population_ids)
    }


def list_populations(
    db: TenantSession, *, cursor: str | None = None, limit: int = 50
) -> RowPage[PopulationRow]:
    return repository.page_populations(db, cursor=cursor, limit=limit)


def detail(row: PopulationRow) -> PopulationDetail:
    """The row with what inspection saw and the mapping that was used."""
    inspection = Inspection.model_validate(row.inspection)
    request = ImportRequest.model_validate(row.request) if row.request else None
    return PopulationDetail(
        **Population.model_validate(row).model_dump(),
        columns=inspection.columns,
        preview=inspection.preview,
        rows_estimated=inspection.rows_estimated,
        suggested_mapping=inspection.suggested_mapping,
        mapping=request and request.mapping,
    )


def get_report(db: TenantSession, population_id: UUID) -> PopulationReport:
    row = repository.get_population(db, population_id)
    if row.report is None:
        raise PopulationNotReady(
            f"{row.name!r} is {row.status}, so there is no report yet. Finish its import first."
        )
    return PopulationReport.model_validate(row.report)


def refused_rows_path(scope: Scope, population_id: UUID) -> Path:
    """Return the CSV of every refused row."""
    with tenant_session(scope, read_only=True) as db:
        row = repository.get_population(db, population_id)
    if row.refused_key is None:
        raise PopulationNotReady(
            f"{row.name!r} is {row.status}; the list of refused rows comes with a finished import."
        )
    return artifact_store().path(scope.tenant_id, row.refused_key)
