"""Populations in memory, for what needs neither a file nor a database."""

from itertools import product

import numpy as np

from agentverse.populations import Snapshot
from agentverse.populations.schemas import ColumnMapping
from agentverse.runs.domains import TEMPLATES
from agentverse.runs.selection import TemplateSelection, select_template
from agentverse_engine import Population, homophilous_network


def snapshot_of_nobody(size: int) -> Snapshot:
    """So many people of whom a file says nothing: every template draws what it needs."""
    everywhere = np.zeros(size, dtype=np.int16)
    return Snapshot(
        population=Population(
            segments=("all",),
            regions=("all",),
            segment=everywhere,
            region=everywhere,
            attributes={},
            choice=np.zeros(size, dtype=np.uint8),
        ),
        network=homophilous_network({"all": everywhere}, mean_degree=6, odds_ratios={}, seed=2),
        model=None,
        fit=None,
        mapping=ColumnMapping(),
        regions=(),
        segments=(),
        traits={},
        categories={},
        source_line=np.arange(size),
        source="nobody",
        digest="",
    )


def variants() -> list[TemplateSelection]:
    """Every template with every combination of its options that moves people in a way of its own;
    votes add nothing to most ways of influence."""
    selections: list[TemplateSelection] = []
    for name, template in TEMPLATES.items():
        if template.surveyed:
            continue
        choices = [list(option.choices) for option in template.options]
        for values in product(*choices):
            options = dict(zip((one.name for one in template.options), values, strict=True))
            if name != "election" or options["influence"] in ("friedkin_johnsen", "degroot"):
                selections.append(select_template(name, options, None))
    return selections
