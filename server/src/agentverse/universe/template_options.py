"""The domain templates a project can be made of, before it has people."""

from collections.abc import Iterator
from itertools import product

from agentverse.runs.domain_template import BuiltTemplate, Template
from agentverse.runs.domains import TEMPLATES
from agentverse.universe.schemas import (
    DomainTemplate,
    NamedLabel,
    NamedLevel,
    TemplateOption,
    TemplateParameter,
    TemplateVariant,
)
from agentverse_engine.packs.availability_variables import FAMILY


def list_templates() -> list[DomainTemplate]:
    return [_wire(template) for template in TEMPLATES.values()]


def _wire(template: Template) -> DomainTemplate:
    variants = [_variant(template, options) for options in _combinations(template)]
    default = variants[0]
    return DomainTemplate(
        name=template.name,
        label=template.label,
        description=template.description,
        tick_unit=template.tick_unit,
        metrics=default.metrics,
        default_metric=default.metrics[0],
        closed_form=default.closed_form,
        social_rules=default.social_rules,
        options=[
            TemplateOption(
                name=option.name,
                label=option.label,
                default=option.default,
                choices=[NamedLabel(name=n, label=label) for n, label in option.choices.items()],
            )
            for option in template.options
        ],
        starts_by_level=template.starts_by_level,
        start_source=template.start_source,
        parameters=default.parameters,
        alternatives=default.alternatives,
        outcome_alternative=default.outcome_alternative,
        levels=default.levels,
        start_shares=default.start_shares,
        variants=variants,
    )


def _combinations(template: Template) -> Iterator[dict[str, str]]:
    """Every combination of options, the defaults first."""
    names = [option.name for option in template.options]
    for values in product(*(option.choices for option in template.options)):
        yield dict(zip(names, values, strict=True))


def _variant(template: Template, options: dict[str, str]) -> TemplateVariant:
    built, variant = template.build(None, options, ()), template.under(options)
    start = template.start(options)
    return TemplateVariant(
        options=options,
        metrics=list(variant.metrics),
        closed_form=variant.closed_form,
        social_rules=variant.social,
        parameters=[
            TemplateParameter.model_validate(item)
            for item in built.variables
            if item.kind == "parameter" and item.family != FAMILY
        ],
        alternatives=_alternatives(template, built),
        outcome_alternative=built.pack.outcome or None,
        levels=[NamedLevel.model_validate(level) for level in built.pack.levels],
        start_shares=None if start is None else dict(start),
    )


def _alternatives(template: Template, built: BuiltTemplate) -> list[NamedLabel]:
    """None for a template whose alternatives are the survey's."""
    if template.surveyed:
        return []
    labels = built.pack.labels
    return [NamedLabel(name=name, label=labels.get(name, name)) for name in built.pack.alternatives]
