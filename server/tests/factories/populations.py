"""Survey files and populations made of them."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from agentverse import populations, tasks
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.populations.datasets import HEATING
from agentverse.populations.importing import Imported, Progress, import_survey
from agentverse.populations.inspecting import Inspection, inspect
from agentverse.populations.schemas import ColumnMapping, ImportRequest, SynthesisOptions
from factories.tasks import task_of_subject

HEATING_BYTES = HEATING.path.read_bytes()
FEW = SynthesisOptions(personas=1_000)


def silent(name: str, done: int, total: int) -> None:
    """Listen to progress and say nothing."""


def looked_at(path: Path) -> tuple[Inspection, ColumnMapping]:
    """A file's inspection with what it suggests, which must be something."""
    found = inspect(path)
    assert found.suggested_mapping is not None
    return found, found.suggested_mapping


def taken(path: Path, mapping: ColumnMapping, folder: Path) -> Imported:
    """A file imported so; its refused rows are written into folder."""
    return import_survey(path, mapping, refused_path=folder / "refused.csv", progress=silent)


def heating_rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(HEATING_BYTES.decode())))


def csv_bytes(rows: list[dict[str, str]], *, delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    sheet = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    sheet.writeheader()
    sheet.writerows(rows)
    return text.getvalue().encode()


def upload(scope: Scope, data: bytes = HEATING_BYTES, *, file_name: str = "heating.csv") -> UUID:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        return populations.upload_population(scope, path, file_name=file_name).id


def start_import(scope: Scope, population_id: UUID, request: ImportRequest | None = None) -> None:
    wanted = request or ImportRequest(mapping=HEATING.mapping, synthesis=FEW)
    with tenant_session(scope) as db:
        populations.start_import(db, population_id, wanted)


def make_population(scope: Scope, *, personas: int = 1_000) -> UUID:
    """The households of the demo, imported and ready."""
    population_id = upload(scope)
    options = SynthesisOptions(personas=personas)
    start_import(scope, population_id, ImportRequest(mapping=HEATING.mapping, synthesis=options))
    build(scope, population_id)
    return population_id


def build(scope: Scope, population_id: UUID, progress: Progress | None = None) -> None:
    """What the worker does with the import's job, in this thread."""
    tasks.work(
        scope,
        task_of_subject(scope, population_id),
        lambda attempt: populations.build_population(attempt, progress),
    )
