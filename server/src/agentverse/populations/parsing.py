"""Uploaded files are read in a limited child: here its parent's side and its own.

Between them goes JSON, and arrays in a file that holds nothing executable.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from agentverse.platform.errors import AgentVerseError
from agentverse.platform.limited import Limits, run_limited
from agentverse.populations.categories import Category
from agentverse.populations.errors import FileTooDemanding, UnreadableFile
from agentverse.populations.importing import Imported, Progress, import_survey
from agentverse.populations.inspecting import Inspection, inspect
from agentverse.populations.limits import MEBIBYTE
from agentverse.populations.opening import AS_IT_STANDS
from agentverse.populations.schemas import (
    ColumnMapping,
    FileReading,
    LabelMapping,
    Loss,
    RefusedRow,
)
from agentverse.populations.survey import Survey

Result = TypeVar("Result")

INSPECTING: Final = Limits(memory_bytes=1536 * MEBIBYTE, cpu_seconds=30, wall_seconds=40.0)
IMPORTING: Final = Limits(
    memory_bytes=6144 * MEBIBYTE,
    cpu_seconds=1800,
    wall_seconds=1800.0,
    disk_bytes=8192 * MEBIBYTE,
)
PRELOADED: Final = (__name__,)
ARRAYS: Final = "survey.npz"
REFUSED: Final = "refused.csv"


def inspect_file(path: Path, reading: FileReading = AS_IT_STANDS) -> Inspection:
    """What is in a file; raises InvalidFile whatever is wrong with it."""
    arguments = {"path": str(path), "reading": reading.model_dump(mode="json")}
    document = _limited(_inspect, arguments, INSPECTING)
    return Inspection.model_validate(document)


def import_file(
    path: Path,
    mapping: ColumnMapping,
    *,
    folder: Path,
    progress: Progress,
    reading: FileReading = AS_IT_STANDS,
) -> Imported:
    """Read a whole file into a survey; refused rows are listed in `folder / REFUSED`."""
    arguments = {
        "path": str(path), "mapping": mapping.model_dump(mode="json"), "folder": str(folder),
        "reading": reading.model_dump(mode="json"),
    }  # fmt: skip
    document = _limited(_import, arguments, IMPORTING, progress)
    with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
        survey = _survey(document, arrays)
    return Imported(
        survey=survey,
        rows_refused=document["rows_refused"],
        refused=[RefusedRow.model_validate(row) for row in document["refused"]],
        losses=[Loss.model_validate(loss) for loss in document["losses"]],
    )


def _limited(
    function: Callable[..., Any],
    arguments: dict[str, Any],
    limits: Limits,
    report: Progress | None = None,
) -> Any:
    return run_limited(
        function, arguments, limits=limits, report=report, too_demanding=FileTooDemanding
    )


def _survey(document: dict[str, Any], arrays: Any) -> Survey:
    def labels(name: str) -> tuple[LabelMapping, ...]:
        return tuple(LabelMapping.model_validate(label) for label in document[name])

    def named(kind: str) -> dict[str, NDArray[np.float64]]:
        return {name: arrays[f"{kind}{index}"] for index, name in enumerate(document[kind])}

    return Survey(
        line=arrays["line"],
        choice=arrays["choice"],
        regions=labels("regions"),
        region=arrays["region"],
        segments=labels("segments"),
        segment=arrays["segment"],
        attributes=named("attributes"),
        traits=named("traits"),
        categories={
            each["column"]: Category(
                values=tuple(each["values"]),
                ordered=each["ordered"],
                codes=arrays[f"categories{index}"],
            )
            for index, each in enumerate(document["categories"])
        },
        weight=arrays.get("weight"),
        person=arrays.get("person"),
        offered={name: arrays[f"offered{index}"] for index, name in enumerate(document["offered"])},
    )


# In the child


def _inspect(_report: Progress, *, path: str, reading: dict[str, Any]) -> dict[str, Any]:
    said = FileReading.model_validate(reading)
    return _refusing(lambda: inspect(Path(path), said).model_dump(mode="json"))


def _import(
    report: Progress,
    *,
    path: str,
    mapping: dict[str, Any],
    folder: str,
    reading: dict[str, Any],
) -> dict[str, Any]:
    imported = _refusing(
        lambda: import_survey(
            Path(path),
            ColumnMapping.model_validate(mapping),
            refused_path=Path(folder) / REFUSED,
            progress=report,
            reading=FileReading.model_validate(reading),
        )
    )
    _save(imported.survey, Path(folder) / ARRAYS)
    return {
        "rows_refused": imported.rows_refused,
        "refused": [row.model_dump(mode="json") for row in imported.refused],
        "losses": [loss.model_dump(mode="json") for loss in imported.losses],
        "regions": [label.model_dump(mode="json") for label in imported.survey.regions],
        "segments": [label.model_dump(mode="json") for label in imported.survey.segments],
        "attributes": list(imported.survey.attributes),
        "traits": list(imported.survey.traits),
        "offered": list(imported.survey.offered),
        "categories": [
            {"column": name, "values": each.values, "ordered": each.ordered}
            for name, each in imported.survey.categories.items()
        ],
    }


def _save(survey: Survey, path: Path) -> None:
    named: dict[str, Any] = {
        f"{kind}{index}": values
        for kind, columns in (
            ("attributes", survey.attributes),
            ("traits", survey.traits),
            ("offered", survey.offered),
        )
        for index, values in enumerate(columns.values())
    }
    for index, category in enumerate(survey.categories.values()):
        named[f"categories{index}"] = category.codes
    if survey.weight is not None:
        named["weight"] = survey.weight
    if survey.person is not None:
        named["person"] = survey.person
    np.savez(
        path,
        line=survey.line,
        choice=survey.choice,
        region=survey.region,
        segment=survey.segment,
        **named,
    )


def _refusing(read: Callable[[], Result]) -> Result:
    """Whatever a parser throws is one refusal: nobody can list all that a file may be."""
    try:
        return read()
    except (AgentVerseError, MemoryError):
        raise
    except Exception as error:
        raise UnreadableFile(
            f"The file cannot be read ({type(error).__name__}). Write it again with plain column "
            "names and types, or upload CSV (UTF-8)."
        ) from error
