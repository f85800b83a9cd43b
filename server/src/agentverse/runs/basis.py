"""What a number rests on: the imported file, assumptions, or both.

A rule or a start that the file does not hold is an assumption, however good its source. A number
that has nothing of the file is illustrative, and every place that shows it says so.
"""

from collections.abc import Sequence
from dataclasses import replace

from agentverse.populations.schemas import DecisionMapping
from agentverse.runs.domain_template import Template
from agentverse.runs.schemas import Basis, BasisKind, RunVariant, ShareKind
from agentverse.runs.selection import TemplateSelection


def basis_of(
    selection: TemplateSelection,
    *,
    variant: RunVariant,
    decision: DecisionMapping,
    metric: ShareKind | None = None,
) -> Basis:
    """Of one variant's number. metric: the share that is read; None: everything a run holds."""
    if selection.template.surveyed:
        from_file, assumed = _of_choices(selection, variant, decision, metric)
    else:
        from_file, assumed = _of_rules(selection, metric)
    kind = _kind(from_file, assumed)
    return Basis(
        kind=kind, from_file=from_file, assumed=assumed, note=_note(kind, from_file, assumed)
    )


def _of_choices(
    selection: TemplateSelection,
    variant: RunVariant,
    decision: DecisionMapping,
    metric: ShareKind | None,
) -> tuple[list[str], list[str]]:
    """Without rules a share of choices follows from the fitted model alone; what people have
    follows besides from what they had, and from how often they choose."""
    from_file, assumed = ["what people choose, by the model fitted to their choices"], list[str]()
    if variant == "with_social_rules":
        assumed.append(selection.template.social)
    if selection.settled["advertising"] != "off":
        assumed.append("how advertising moves a choice")
    if metric != "flow_share":
        started = "what they have at the start"
        (from_file if selection.start_shares is None else assumed).append(started)
        often = "how often they choose"
        # A source that the user names is no column of the file.
        assumed.append(f"{often} ({decision.source})" if decision.source else often)
    return from_file, assumed


def _of_rules(
    selection: TemplateSelection, metric: ShareKind | None
) -> tuple[list[str], list[str]]:
    """What is not taken from a column is drawn or given; no file says how people move.

    A share is of states: where no column says these and no level makes them, it is an assumption
    whatever the levels start from.
    """
    template = selection.template
    if metric is not None and not _states(template) and not template.starts_by_level:
        selection = replace(selection, roles=())
    labels = {role.name: role.label for role in template.roles}
    from_file = [
        f"{labels[item.role]} at the start (column {item.column})"
        for item in selection.roles
        if not (item.role in _states(template) and selection.start_shares is not None)
    ]
    assumed = _start(selection)
    taken = {item.role for item in selection.roles}
    if {"vote", "opinion"} <= taken:
        from_file.append("where the parties stand (the mean opinion of their voters)")
    elif "vote" in taken:
        assumed.append("where the parties stand (evenly spread, in the file's order)")
    assumed += ["the rules that move them, and every value in these"]
    return from_file, assumed


def _states(template: Template) -> set[str]:
    return {role.name for role in template.roles if role.kind == "state"}


def _start(selection: TemplateSelection) -> list[str]:
    template: Template = selection.template
    if selection.start_shares is not None:
        return ["the start (shares given by the project)"]
    taken = {item.role for item in selection.roles}
    missing = [role.label for role in template.roles if role.name not in taken]
    if not taken:
        return [f"the start ({template.start_source.removeprefix('assumption: ')})"]
    return [f"{label} at the start" for label in missing]


def _kind(from_file: Sequence[str], assumed: Sequence[str]) -> BasisKind:
    if not from_file:
        return "assumptions"
    return "mixed" if assumed else "data"


def _note(kind: BasisKind, from_file: Sequence[str], assumed: Sequence[str]) -> str:
    sentences = [f"From the file: {'; '.join(from_file)}."] if from_file else []
    sentences += [f"Assumed: {'; '.join(assumed)}."] if assumed else []
    if kind == "assumptions":
        sentences.insert(0, "Illustrative: nothing of this comes from the imported file.")
    return " ".join(sentences)
