"""Reads the files of questions: one JSON object per line, in the form that README.md says."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

FOLDER = Path(__file__).parent
MODES = ("set", "scale", "add")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change that is meant; ticks inclusive, None for the first or the last."""

    variable: str
    mode: Literal["set", "scale", "add"]
    value: float
    segment: str | None = None
    region: str | None = None
    first_tick: int | None = None
    last_tick: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    id: str
    text: str
    template: str
    expect: Literal["compile", "refuse"]
    changes: tuple[Change, ...] = ()
    note: str = ""
    voice: str = ""
    sealed: bool = False


def read_questions(folder: Path = FOLDER) -> list[Question]:
    """Those of every file in a folder.

    ValueError: a line that is not of the form, with file and line.
    """
    found = [
        question for path in sorted(folder.glob("*.jsonl")) for question in _questions_of(path)
    ]
    ids = [question.id for question in found]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"These ids are used twice: {', '.join(twice)}")
    return found


def read_sealed() -> list[Question]:
    """The sealed quarter: packed, so that no search through the repository shows it."""
    with TemporaryDirectory() as folder, zipfile.ZipFile(FOLDER / "sealed.zip") as packed:
        packed.extractall(folder)
        return read_questions(Path(folder))


def _questions_of(path: Path) -> Iterator[Question]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                yield _question(json.loads(line), path.stem)
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error


def _question(given: dict[str, Any], template: str) -> Question:
    changes = tuple(Change(**change) for change in given.pop("changes"))
    question = Question(**given, changes=changes)
    if question.template != template:
        raise ValueError(f"template is {question.template}, in the file of {template}")
    if question.expect not in ("compile", "refuse") or bool(changes) != (
        question.expect == "compile"
    ):
        raise ValueError("what must compile names its changes, what must be refused has none")
    if any(change.mode not in MODES for change in changes):
        raise ValueError(f"mode must be one of {', '.join(MODES)}")
    return question
