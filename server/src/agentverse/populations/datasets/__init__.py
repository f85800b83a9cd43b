"""Small public data shipped with source and licence; each loads through the ordinary import."""

from agentverse.populations.datasets.heating import HEATING
from agentverse.populations.datasets.shipped import Dataset

SHIPPED: tuple[Dataset, ...] = (HEATING,)


def source_of(sha256: str) -> str | None:
    """Return where a file comes from if it is a shipped one, byte for byte."""
    return next((dataset.source for dataset in SHIPPED if dataset.sha256 == sha256), None)


__all__ = ["HEATING", "SHIPPED", "Dataset", "source_of"]
