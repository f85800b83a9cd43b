"""What every shipped data set has."""

from dataclasses import dataclass
from pathlib import Path

from agentverse.populations.mapping import named_columns
from agentverse.populations.schemas import ColumnMapping

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A file in this folder, what its columns mean, and who it comes from."""

    file_name: str
    title: str
    source: str
    sha256: str
    mapping: ColumnMapping

    @property
    def path(self) -> Path:
        return FOLDER / self.file_name

    @property
    def columns(self) -> frozenset[str]:
        """Every column the mapping names."""
        return frozenset(name for _, name in named_columns(self.mapping))
