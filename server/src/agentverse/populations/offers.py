"""Who could choose what: settled once all columns of a row are known."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.refused_rows import Refusals
from agentverse.populations.schemas import AvailabilityMapping, ColumnMapping, RefusedRow
from agentverse.populations.survey import Survey

NOTHING_OFFERED = "could choose nothing: no alternative was offered"
MISSING = "missing value"
NOT_OFFERED = "chose what was not offered"


def settle_offers(survey: Survey, mapping: ColumnMapping, refusals: Refusals) -> Survey:
    """Return the rows that fit what they were offered, with `offered` for every alternative.

    Refused are rows that could choose nothing, chose what was not offered, or lack an attribute of
    what was. mapping: one with availability. Attributes of what was not offered become the mean
    over those who were offered it: no rule reads them, and they widen no range.
    """
    availability = mapping.availability or AvailabilityMapping()
    values = [each.value for each in mapping.alternatives]
    offered = np.stack([_offered(survey, mapping, availability, value) for value in values], axis=1)
    # What is wrong with each row, if anything: the last to be said counts.
    faults: dict[int, tuple[str | None, str]] = {}

    def fault(rows: NDArray[np.bool_], column: str | None, reason: str) -> None:
        faults.update(dict.fromkeys(np.flatnonzero(rows).tolist(), (column, reason)))

    for family in mapping.families:
        for index, value in enumerate(values):
            gaps = np.isnan(survey.attributes[f"{family.name}.{value}"]) & offered[:, index]
            fault(gaps, family.columns[value], MISSING)
    chosen = np.take_along_axis(offered, survey.choice[:, None].astype(np.int64), axis=1)[:, 0]
    fault(~chosen, mapping.choice_column, NOT_OFFERED)
    fault(offered.sum(axis=1) == 0, mapping.choice_column, NOTHING_OFFERED)
    refusals.add(
        [
            RefusedRow(
                row=int(survey.line[row]),
                column=column,
                value=None if reason == MISSING else values[int(survey.choice[row])],
                reason=reason,
            )
            for row, (column, reason) in sorted(faults.items())
        ]
    )
    kept = np.setdiff1d(np.arange(len(survey)), np.array(list(faults), np.int64))
    flags = {value: offered[kept, index] for index, value in enumerate(values)}
    settled = replace(survey.of_rows(kept), offered=flags)
    return replace(settled, attributes=_filled(settled, mapping))


def _offered(
    survey: Survey, mapping: ColumnMapping, availability: AvailabilityMapping, value: str
) -> NDArray[np.bool_]:
    """Return bool[n]: who was offered the alternative."""
    offered = survey.offered.get(value, np.ones(len(survey), bool)).copy()
    if availability.gaps:
        for family in mapping.families:
            offered &= ~np.isnan(survey.attributes[f"{family.name}.{value}"])
    return offered


def _filled(survey: Survey, mapping: ColumnMapping) -> dict[str, NDArray[np.float64]]:
    filled: dict[str, NDArray[np.float64]] = {}
    for family in mapping.families:
        for value, flags in survey.offered.items():
            values = survey.attributes[f"{family.name}.{value}"]
            mean = float(values[flags].mean()) if flags.any() else 0.0
            filled[f"{family.name}.{value}"] = np.where(flags, values, mean)
    return filled
