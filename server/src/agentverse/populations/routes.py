"""HTTP door of populations."""

import shutil
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Header, Response, UploadFile
from fastapi.responses import FileResponse

from agentverse.platform.db.session import tenant_session
from agentverse.platform.http.context_router import ContextRouter, audits, uploads
from agentverse.platform.http.headers import IfMatch, tagged
from agentverse.platform.http.sse import preferred_wait, wait_until
from agentverse.platform.pagination import Page
from agentverse.platform.storage import ArtifactNotStored
from agentverse.platform.temporary import work_folder
from agentverse.populations import lifecycle, renaming
from agentverse.populations.file_formats import check_size
from agentverse.populations.permissions import (
    PopulationsReader,
    PopulationsWatcher,
    PopulationsWriter,
    ReadPopulations,
    WritePopulations,
)
from agentverse.populations.schemas import (
    FileReading,
    ImportRequest,
    Population,
    PopulationDetail,
    PopulationReport,
    PopulationUpdate,
)

router = ContextRouter("populations")

CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.get("/populations")
def list_populations(
    db: ReadPopulations, cursor: str | None = None, limit: int = 50
) -> Page[Population]:
    return lifecycle.list_populations(db, cursor=cursor, limit=limit)


@router.post("/populations", status_code=201)
@audits("population.upload")
@uploads
def upload_population(
    scope: PopulationsWriter,
    response: Response,
    file: UploadFile,
    name: Annotated[str, Form(max_length=80)] = "",
) -> PopulationDetail:
    """Upload a file of people; answers what is in it."""
    check_size(file.size or 0)
    with work_folder("upload") as folder:
        path = folder / "upload"
        _keep(file, path)
        population = lifecycle.upload_population(
            scope, path, file_name=file.filename or "file", name=name
        )
    response.headers["Location"] = f"/api/v1/populations/{population.id}"
    return population


def _keep(file: UploadFile, path: Path) -> None:
    try:
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target, 1024 * 1024)
    except OSError as error:
        raise ArtifactNotStored(
            f"The upload was not kept. The disk says: {error.strerror or error}. Make room in the "
            "server's folder for temporary files and upload the file again."
        ) from error


@router.get("/populations/{population_id}")
async def get_population(
    watcher: PopulationsWatcher,
    population_id: UUID,
    response: Response,
    prefer: Annotated[str | None, Header()] = None,
) -> PopulationDetail:
    """Long poll with `Prefer: wait=30`: answers when an import has ended, or the wait has."""
    population = await wait_until(
        partial(_read, watcher, population_id), _is_settled, seconds=preferred_wait(prefer)
    )
    return tagged(response, population)


def _read(watcher: PopulationsWatcher, population_id: UUID) -> PopulationDetail:
    with tenant_session(watcher.scope(), read_only=True) as db:
        return lifecycle.get_detail(db, population_id)


def _is_settled(population: PopulationDetail) -> bool:
    return population.status != "importing"


@router.patch("/populations/{population_id}")
@audits("population.update")
def update_population(
    db: WritePopulations,
    population_id: UUID,
    body: PopulationUpdate,
    response: Response,
    if_match: IfMatch = None,
) -> PopulationDetail:
    """Rename or tag it."""
    changed = renaming.update_population(db, population_id, body, if_match=if_match)
    return tagged(response, changed)


@router.put("/populations/{population_id}/reading")
@audits("population.read")
def read_population_anew(
    scope: PopulationsWriter, population_id: UUID, body: FileReading
) -> PopulationDetail:
    """Choose another sheet, header row or encoding before the import; the file is looked into."""
    return lifecycle.read_anew(scope, population_id, body)


@router.post("/populations/{population_id}/import", status_code=202)
@audits("population.import")
def import_population(
    db: WritePopulations, response: Response, population_id: UUID, body: ImportRequest
) -> PopulationDetail:
    """Start the import; follow it at the address in `Location`."""
    response.headers["Location"] = f"/api/v1/populations/{population_id}"
    return lifecycle.detail(db, lifecycle.start_import(db, population_id, body))


@router.get("/populations/{population_id}/report")
def get_population_report(db: ReadPopulations, population_id: UUID) -> PopulationReport:
    return lifecycle.get_report(db, population_id)


@router.get(
    "/populations/{population_id}/refused", response_class=FileResponse, responses=CSV_ANSWER
)
def download_refused_rows(scope: PopulationsReader, population_id: UUID) -> FileResponse:
    """CSV of every refused row."""
    return FileResponse(
        lifecycle.refused_rows_path(scope, population_id),
        media_type="text/csv; charset=utf-8",
        filename=f"refused-{population_id}.csv",
    )
