"""The account of the rows that were left out: every one in a sheet, and what each reason costs."""

import csv
from collections import Counter
from collections.abc import Sequence
from typing import IO

from agentverse.platform.spreadsheets import escape_formula
from agentverse.populations.limits import LISTED_REFUSALS
from agentverse.populations.schemas import Loss, RefusedRow

# The column and what is wrong with a value of it.
Reason = tuple[str | None, str]


class Refusals:
    """Grows row by row. file: gets every refused row as CSV; listed: the first of them."""

    def __init__(self, file: IO[str]) -> None:
        self._sheet = csv.writer(file)
        self._sheet.writerow(["row", "column", "value", "reason"])
        self._first: dict[Reason, RefusedRow] = {}
        self._counts: Counter[Reason] = Counter()
        self.listed: list[RefusedRow] = []

    def add(self, refused: Sequence[RefusedRow]) -> None:
        self._sheet.writerows(_cells(row) for row in refused)
        self.listed += refused[: LISTED_REFUSALS - len(self.listed)]
        for row in refused:
            self._first.setdefault((row.column, row.reason), row)
            self._counts[row.column, row.reason] += 1

    @property
    def rows(self) -> int:
        return self._counts.total()

    @property
    def losses(self) -> list[Loss]:
        """What each reason costs, the most costly first."""
        return [
            Loss(
                column=self._first[reason].column,
                reason=self._first[reason].reason,
                rows=count,
                first_row=self._first[reason].row,
                first_value=self._first[reason].value,
            )
            for reason, count in self._counts.most_common()
        ]


def _cells(row: RefusedRow) -> tuple[int, str, str, str]:
    return row.row, escape_formula(row.column or ""), escape_formula(row.value or ""), row.reason
