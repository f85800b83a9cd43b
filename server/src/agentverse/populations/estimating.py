"""Fit the multinomial logit to the survey's own rows, and tell it to people."""

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.errors import EstimationImpossible
from agentverse.populations.mapping import reference_of
from agentverse.populations.schemas import Coefficient, ColumnMapping, EstimationReport
from agentverse.populations.survey import Survey
from agentverse_engine import ChoiceModel
from agentverse_engine.errors import EngineError
from agentverse_engine.estimation import LogitFit, fit_multinomial_logit
from agentverse_engine.packs.consumer_choice import NOT_OFFERED, UNREACHABLE

CONSTANT = "asc."
METHOD = "multinomial logit, maximum likelihood"


def fit_choices(survey: Survey, mapping: ColumnMapping) -> LogitFit:
    """Estimate one coefficient per attribute and a constant per alternative but the reference.

    Raises EstimationImpossible, with the engine's reason.
    """
    alternatives = [alternative.value for alternative in mapping.alternatives]
    families = [family.name for family in mapping.families]
    values = np.zeros((len(survey), len(alternatives), len(families)))
    for index, family in enumerate(families):
        for number, name in enumerate(alternatives):
            values[:, number, index] = survey.attributes[f"{family}.{name}"]
    try:
        return fit_multinomial_logit(
            values,
            survey.choice,
            alternatives=alternatives,
            names=families,
            reference=reference_of(mapping),
            weights=survey.weight,
            offered=_matrix(survey),
            clusters=survey.person,
        )
    except EngineError as error:
        raise EstimationImpossible(
            f"The choices cannot be explained by these columns: {error}", term=error.field
        ) from error


def _matrix(survey: Survey) -> NDArray[np.bool_] | None:
    """Return bool[n, alternatives], what each row could choose; None: everything."""
    return np.stack(list(survey.offered.values()), axis=1) if survey.offered else None


def choice_model(fit: LogitFit, mapping: ColumnMapping) -> ChoiceModel:
    """Return the fit in the form that personas choose by."""
    return ChoiceModel(
        alternatives=tuple(alternative.value for alternative in mapping.alternatives),
        coefficients={family.name: fit.coefficients[family.name] for family in mapping.families}
        | ({NOT_OFFERED: UNREACHABLE} if mapping.availability is not None else {}),
        constants={
            name.removeprefix(CONSTANT): value
            for name, value in fit.coefficients.items()
            if name.startswith(CONSTANT)
        },
    )


def _method(mapping: ColumnMapping) -> str:
    weighted = ["by the weights of the rows"] if mapping.weight_column is not None else []
    if mapping.person_column is not None:
        return ", ".join([METHOD, *weighted, "standard errors clustered by person"])
    return ", ".join([METHOD, *weighted, "robust standard errors"]) if weighted else METHOD


def estimation_report(fit: LogitFit, mapping: ColumnMapping) -> EstimationReport:
    labels = {family.name: family.label for family in mapping.families} | {
        f"{CONSTANT}{alternative.value}": f"constant of {alternative.label}"
        for alternative in mapping.alternatives
    }
    return EstimationReport(
        method=_method(mapping),
        reference_alternative=reference_of(mapping),
        coefficients=[
            Coefficient(
                name=name,
                label=labels[name],
                estimate=estimate,
                standard_error=fit.standard_errors[name],
                z=estimate / fit.standard_errors[name],
            )
            for name, estimate in fit.coefficients.items()
        ],
        log_likelihood=fit.log_likelihood,
        null_log_likelihood=fit.null_log_likelihood,
        mcfadden_r2=1 - fit.log_likelihood / fit.null_log_likelihood,
        observations=fit.observations,
        iterations=fit.iterations,
    )
