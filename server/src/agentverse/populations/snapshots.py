"""Frozen populations: one content-addressed file each, checked against its digest on load."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.storage import artifact_store
from agentverse.populations import repository
from agentverse.populations.categories import Category
from agentverse.populations.errors import (
    PopulationNotReady,
    PopulationWithoutChoice,
    SnapshotDamaged,
)
from agentverse.populations.models import PopulationRow
from agentverse.populations.schemas import ColumnMapping, LabelMapping
from agentverse_engine import ChoiceModel, EngineError, Network, Population
from agentverse_engine.estimation import LogitFit

FORMAT = 1
SUFFIX = ".npz"
LATER = ("readings", "weight_column", "categories", "availability", "layout", "person_column")
KEPT_IN_MEMORY = 4
ATTRIBUTE, TRAIT, CATEGORY = "attribute ", "trait ", "category "


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """All that a run needs of a population, read-only.

    model, fit: of the choice, None where the file has none (`choice_model` and `choice_fit` raise
    then); traits: float64[personas] by column name, NaN where there is no answer; categories: by
    column name; source_line: int64[personas], the line of the
    uploaded file a persona was made of; digest: sha256 over personas and network.
    """

    population: Population
    network: Network
    model: ChoiceModel | None
    fit: LogitFit | None
    mapping: ColumnMapping
    regions: tuple[LabelMapping, ...]
    segments: tuple[LabelMapping, ...]
    traits: dict[str, NDArray[np.float64]]
    categories: dict[str, Category]
    source_line: NDArray[np.int64]
    source: str
    digest: str

    @property
    def choice_model(self) -> ChoiceModel:
        """Raises PopulationWithoutChoice."""
        if self.model is None:
            raise _without_choice()
        return self.model

    @property
    def choice_fit(self) -> LogitFit:
        """Raises PopulationWithoutChoice."""
        if self.fit is None:
            raise _without_choice()
        return self.fit


def _without_choice() -> PopulationWithoutChoice:
    return PopulationWithoutChoice(
        "This population was imported without a choice column, so there is no choice to model. "
        "Take another domain template, or upload the file again and name the column that says what "
        "each person chose."
    )


def population_digest(
    population: Population, network: Network, categories: Mapping[str, Category]
) -> str:
    """Return the sha256 hex of who the personas are and whom they know."""
    content = f"population 1\n{population.digest}\n{network.digest}\n"
    for name, category in categories.items():
        values = json.dumps([name, category.values, category.ordered])
        codes = sha256(category.codes.astype("<i2").tobytes()).hexdigest()
        content += f"{values}\n{codes}\n"
    return sha256(content.encode()).hexdigest()


def encode(snapshot: Snapshot) -> bytes:
    """Return the bytes of the file; equal snapshots give equal bytes."""
    population = snapshot.population
    arrays: dict[str, NDArray[Any]] = {
        "manifest": np.frombuffer(_manifest(snapshot), np.uint8),
        "segment": population.segment,
        "region": population.region,
        "choice": population.choice,
        "source_line": snapshot.source_line,
        "indptr": snapshot.network.indptr,
        "indices": snapshot.network.indices,
    }
    if snapshot.fit is not None:
        arrays["covariance"] = snapshot.fit.covariance
    for name, values in population.attributes.items():
        arrays[f"{ATTRIBUTE}{name}"] = np.ascontiguousarray(values)
    for name, values in snapshot.traits.items():
        arrays[f"{TRAIT}{name}"] = values
    for name, category in snapshot.categories.items():
        arrays[f"{CATEGORY}{name}"] = category.codes
    # Numbered members: column names may hold anything, names of archive members may not.
    file = io.BytesIO()
    order = {"order": np.frombuffer(json.dumps(list(arrays)).encode(), np.uint8)}
    members = {str(index): array for index, array in enumerate(arrays.values())}
    np.savez(file, allow_pickle=False, **order, **members)  # pyright: ignore[reportArgumentType]
    return file.getvalue()


def _manifest(snapshot: Snapshot) -> bytes:
    document: dict[str, Any] = {
        "format": FORMAT,
        "digest": snapshot.digest,
        "source": snapshot.source,
        "mapping": _mapping(snapshot.mapping),
        "regions": [label.model_dump(mode="json") for label in snapshot.regions],
        "segments": [label.model_dump(mode="json") for label in snapshot.segments],
    }
    if snapshot.model is not None and snapshot.fit is not None:
        document |= _choice_document(snapshot.model, snapshot.fit)
    if snapshot.categories:
        document["categories"] = [
            {"column": name, "values": category.values, "ordered": category.ordered}
            for name, category in snapshot.categories.items()
        ]
    return json.dumps(document).encode()


def _choice_document(model: ChoiceModel, fit: LogitFit) -> dict[str, Any]:
    return {
        "alternatives": list(model.alternatives),
        "model_coefficients": dict(model.coefficients),
        "model_constants": dict(model.constants),
        "coefficients": fit.coefficients,
        "standard_errors": fit.standard_errors,
        "log_likelihood": fit.log_likelihood,
        "null_log_likelihood": fit.null_log_likelihood,
        "iterations": fit.iterations,
        "observations": fit.observations,
    }


def _mapping(mapping: ColumnMapping) -> dict[str, Any]:
    """The fields that came later are left out where unused: old files keep their bytes."""
    document = mapping.model_dump(mode="json")
    for group in (document["region"], document["segment"]):
        if group and not group["keep_gaps"]:
            del group["keep_gaps"]
    return {name: value for name, value in document.items() if name not in LATER or value}


def decode(data: bytes) -> Snapshot:
    """Read a snapshot back; a file that does not have its digest is refused.

    Raises SnapshotDamaged.
    """
    try:
        snapshot = _decoded(data)
    except (BadZipFile, ValueError, KeyError, EOFError, OSError, EngineError) as error:
        raise _damaged() from error
    made = population_digest(snapshot.population, snapshot.network, snapshot.categories)
    if made != snapshot.digest:
        raise _damaged()
    return snapshot


def _decoded(data: bytes) -> Snapshot:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        order: list[str] = json.loads(file["order"].tobytes())
        arrays = {name: file[str(index)] for index, name in enumerate(order)}
    manifest = json.loads(arrays["manifest"].tobytes())
    regions = tuple(LabelMapping.model_validate(label) for label in manifest["regions"])
    segments = tuple(LabelMapping.model_validate(label) for label in manifest["segments"])
    for array in arrays.values():
        array.setflags(write=False)
    return Snapshot(
        population=Population(
            segments=tuple(label.name for label in segments),
            regions=tuple(label.name for label in regions),
            segment=arrays["segment"],
            region=arrays["region"],
            attributes=_named(arrays, ATTRIBUTE),
            choice=arrays["choice"],
        ),
        network=Network(indptr=arrays["indptr"], indices=arrays["indices"]),
        model=_model(manifest),
        fit=_fit(manifest, arrays),
        mapping=ColumnMapping.model_validate(manifest["mapping"]),
        regions=regions,
        segments=segments,
        traits=_named(arrays, TRAIT),
        categories={
            each["column"]: Category(
                values=tuple(each["values"]),
                ordered=each["ordered"],
                codes=arrays[f"{CATEGORY}{each['column']}"],
            )
            for each in manifest.get("categories", [])
        },
        source_line=arrays["source_line"],
        source=manifest["source"],
        digest=manifest["digest"],
    )


def _model(manifest: dict[str, Any]) -> ChoiceModel | None:
    if "alternatives" not in manifest:
        return None
    return ChoiceModel(
        alternatives=tuple(manifest["alternatives"]),
        coefficients=manifest["model_coefficients"],
        constants=manifest["model_constants"],
    )


def _fit(manifest: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> LogitFit | None:
    if "alternatives" not in manifest:
        return None
    return LogitFit(
        coefficients=manifest["coefficients"],
        standard_errors=manifest["standard_errors"],
        covariance=arrays["covariance"],
        log_likelihood=manifest["log_likelihood"],
        null_log_likelihood=manifest["null_log_likelihood"],
        iterations=manifest["iterations"],
        observations=manifest["observations"],
    )


def _named(arrays: dict[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[np.float64]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _damaged() -> SnapshotDamaged:
    return SnapshotDamaged(
        "The stored personas do not have the content their digest names, so they are not used. "
        "Import the file again as a new population, and check the disk."
    )


def load_snapshot(access: Scope | TenantSession, population_id: UUID) -> Snapshot:
    """Return the frozen population; kept in memory, a few at a time."""
    if isinstance(access, TenantSession):
        row = repository.get_population(access, population_id)
        tenant_id = access.scope.tenant_id
    else:
        tenant_id = access.tenant_id
        with tenant_session(access, read_only=True) as db:
            row = repository.get_population(db, population_id)
    return _read(tenant_id, key_of(row))


def key_of(row: PopulationRow) -> str:
    """Raises PopulationNotReady."""
    if row.snapshot_key is None:
        raise PopulationNotReady(
            f"The population {row.name!r} is {row.status}, so it has no personas yet. Finish its "
            "import first."
        )
    return row.snapshot_key


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _read(tenant_id: UUID, key: str) -> Snapshot:
    # The key holds the hash of the content, so a cached snapshot cannot be stale.
    return decode(artifact_store().path(tenant_id, key).read_bytes())
