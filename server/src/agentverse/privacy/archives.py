"""An export: one zip of a JSON line per row, table by table, with the files that rows name."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from pydantic_core import to_jsonable_python

from agentverse.identity import departing
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.storage import ArtifactMissing, artifact_store
from agentverse.platform.temporary import work_folder
from agentverse.privacy import repository
from agentverse.privacy.table_catalogue import TABLES
from agentverse.tasks import Attempt, Store

EXPORT_LIFE: Final = timedelta(days=7)
KEY: Final = re.compile(r"[0-9a-f-]{36}/[0-9a-f]{64}(?:\.[a-z0-9]{1,12}){0,2}")


@dataclass(slots=True)
class Written:
    """What an archive holds so far. files: keys of stored files that rows have named."""

    rows: dict[str, int] = field(default_factory=dict[str, int])
    sha256: dict[str, str] = field(default_factory=dict[str, str])
    files: set[str] = field(default_factory=set[str])


def build_export(attempt: Attempt) -> Store:
    """Write the archive and keep it for a week; written again, it is another file."""
    with tenant_session(attempt.scope, read_only=True) as db:
        row = repository.get_request(db, attempt.subject_id)
        subject, user_id = row.subject, row.user_id
    with work_folder("export") as folder:
        path = folder / "export.zip"
        if subject == "organization":
            write_organization(attempt.scope, path)
        else:
            write_user(attempt.scope, user_id, path)
        size = path.stat().st_size
        key = artifact_store().put(attempt.scope.tenant_id, path, suffix=".zip")

    def name_it(db: TenantSession) -> Mapping[str, Any]:
        row = repository.get_request(db, attempt.subject_id, for_update=True)
        row.file_key, row.size_bytes, row.expires_at = key, size, now() + EXPORT_LIFE
        return {"size_bytes": size}

    return name_it


def write_organization(scope: Scope, path: Path) -> None:
    """Every table of the tenant and every file that a row names, except earlier exports."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        written = Written()
        with tenant_session(scope, read_only=True) as db:
            exports = set(repository.export_keys(db))
            for name in repository.tables():
                _write_rows(archive, written, name, repository.rows_of(db, name))
        for key in sorted(written.files - exports):
            _write_file(archive, written, scope.tenant_id, key)
        _write_manifest(archive, written, subject="organization", of=scope.tenant_id)


def write_user(scope: Scope, user_id: UUID, path: Path) -> None:
    """The person behind the user, and their own rows in each organization of theirs."""
    own = departing.scope_of_user(scope, user_id)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        written = Written()
        _write_rows(archive, written, "person", [departing.own_record(own)])
        for place in departing.own_places(own):
            with tenant_session(place, read_only=True) as db:
                for name in repository.tables():
                    if TABLES[name].users and place.actor.id is not None:
                        rows = repository.rows_of(db, name, user_id=place.actor.id)
                        _write_rows(archive, written, f"{place.tenant_id}/{name}", rows)
        _write_manifest(archive, written, subject="user", of=user_id)


def _write_rows(
    archive: ZipFile, written: Written, name: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    inside, count, digest = f"tables/{name}.jsonl", 0, hashlib.sha256()
    with archive.open(inside, "w", force_zip64=True) as file:
        for row in rows:
            line = json.dumps(_plain(dict(row)), ensure_ascii=False, sort_keys=True)
            written.files.update(KEY.findall(line))
            encoded = line.encode() + b"\n"
            digest.update(encoded)
            file.write(encoded)
            count += 1
    written.rows[name], written.sha256[inside] = count, digest.hexdigest()


def _plain(row: dict[str, Any]) -> Any:
    return to_jsonable_python(row, bytes_mode="base64", fallback=str)


def _write_file(archive: ZipFile, written: Written, tenant_id: UUID, key: str) -> None:
    try:
        path = artifact_store().path(tenant_id, key)
    except ArtifactMissing:
        # Another tenant's, or gone: what a row says of it is in the export all the same.
        return
    name = key.partition("/")[2]
    archive.write(path, f"files/{name}")
    written.sha256[f"files/{name}"] = name.partition(".")[0]


def _write_manifest(archive: ZipFile, written: Written, *, subject: str, of: UUID) -> None:
    document = {
        "format": 1,
        "subject": subject,
        "id": str(of),
        "written_at": now().isoformat(),
        "rows": written.rows,
        "sha256": written.sha256,
        "left_out": {name: sorted(entry.secret) for name, entry in TABLES.items() if entry.secret},
    }
    archive.writestr("manifest.json", json.dumps(document, indent=1, sort_keys=True))


def end_expired(db: TenantSession, moment: datetime) -> list[str]:
    """Forget the exports that are too old; returns the keys of the files to delete afterwards."""
    keys: list[str] = []
    for row in repository.expired_exports(db, moment):
        if row.file_key is not None:
            keys.append(row.file_key)
        row.file_key = row.size_bytes = None
    return keys
