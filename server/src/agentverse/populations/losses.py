"""Leaving people out is a decision: beyond a share of the rows it waits for a yes."""

from typing import Final

from agentverse.platform.settings import get_settings
from agentverse.populations.errors import LossNotAccepted
from agentverse.populations.importing import Imported
from agentverse.populations.schemas import Loss

MOST_LOSSES: Final = 50
MOST_NAMED: Final = 3


def check_loss(imported: Imported, accepted: float | None) -> None:
    """Raise LossNotAccepted where more rows are left out than the share `accepted`.

    accepted: what was said yes to; None: what the installation leaves out without asking.
    """
    limit = get_settings().import_accepted_loss if accepted is None else accepted
    share = imported.rows_refused / max(1, imported.rows_read)
    if share <= limit:
        return
    reasons = "; ".join(_sentence(loss) for loss in imported.losses[:MOST_NAMED])
    raise LossNotAccepted(
        f"{imported.rows_refused:,} of {imported.rows_read:,} rows ({share:.1%}) would be left "
        f"out: {reasons}. Correct the file, change the mapping, or agree to leave these rows out.",
        rows_read=imported.rows_read,
        rows_refused=imported.rows_refused,
        share=share,
        losses=[loss.model_dump() for loss in imported.losses[:MOST_LOSSES]],
    )


def _sentence(loss: Loss) -> str:
    where = f"column {loss.column!r}, " if loss.column else ""
    return f"{loss.rows:,} for {where}{loss.reason} (first on row {loss.first_row})"
