"""Maximum likelihood of the multinomial logit, by Newton's method with exact derivatives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import EstimationError, SeparationError, UnidentifiedError
from agentverse_engine.html_tables import html_table
from agentverse_engine.numerics.canonical import listed
from agentverse_engine.numerics.mathematics import exponentials, logarithm, logarithms

Floats = NDArray[np.float64]
Number = TypeVar("Number", bound=np.generic)

MOST_ITERATIONS = 50
TOLERANCE = 1e-12  # Newton decrement, in units of log-likelihood
SINGULAR = 1e-10  # smallest eigenvalue of the information against the largest
VANISHED = 1e-8  # share of the information at the start that is left in some direction
VANISHING = 1e-6  # what separates everything takes all directions, one a little after another
SHORTEST_STEP = 1e-6
CHUNK_ROWS = 65_536  # sums run over pieces of this size, so a million rows need no second copy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogitFit:
    """A fitted multinomial logit; covariance: float64[names, names], inverse information."""

    coefficients: dict[str, float]
    standard_errors: dict[str, float]
    covariance: Floats
    log_likelihood: float
    null_log_likelihood: float  # all alternatives equally likely
    iterations: int
    observations: int

    def __repr__(self) -> str:
        terms = ", ".join(f"{name} {value:.6g}" for name, value in self.coefficients.items())
        return (
            f"LogitFit({terms}; log-likelihood {self.log_likelihood:.2f}, "
            f"{self.observations} observations)"
        )

    def _repr_html_(self) -> str:
        rows = {
            name: f"{value:.6g} (standard error {self.standard_errors[name]:.2g})"
            for name, value in self.coefficients.items()
        }
        rows["log-likelihood"] = f"{self.log_likelihood:.2f} ({self.null_log_likelihood:.2f} null)"
        rows["observations"] = f"{self.observations:,}"
        return html_table("LogitFit", rows)


def fit_multinomial_logit(
    values: ArrayLike,
    choice: ArrayLike,
    *,
    alternatives: Sequence[str],
    names: Sequence[str],
    reference: str,
    weights: ArrayLike | None = None,
    offered: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
) -> LogitFit:
    """Fit one coefficient per attribute and a constant per alternative but the reference.

    values: float64[n, alternatives, attributes], each attribute in its own unit; choice: int[n].
    Coefficients are named as `names` and "asc.<alternative>". Validated against the published
    table for the Heating data (Train & Croissant, mlogit vignettes).

    weights: float64[n], people an observation stands for, of any scale: then the likelihood is
    weighted (mean weight 1) and the covariance is the sandwich that holds for survey weights
    (Pfeffermann 1993); None: all alike, inverse information.

    offered: bool[n, alternatives], what an observation could choose among: the others have no part
    in its likelihood, and their values are not looked at; None: everything.

    clusters: int[n], whose observation each is: the covariance is then the sandwich that holds when
    one person's choices are alike (Liang & Zeger 1986), without a factor for few persons.

    Raises EstimationError for arrays or labels that do not fit, values that are not finite and a
    search that does not end, UnidentifiedError for a coefficient that the data hold nothing on,
    SeparationError for an alternative that nobody or everybody chooses and for choices that an
    attribute predicts perfectly.
    """
    x, chosen, mask = _checked(values, choice, alternatives, names, reference, offered)
    design, labels = _design(x, alternatives, names, reference)
    if mask is not None:
        _neutralise(design, mask)
    scale = _spread(design)
    scaled = np.divide(design, np.where(scale > 0, scale, 1.0), out=design)
    _check_identified(scaled, labels)
    _check_every_alternative_chosen(chosen, alternatives)
    people = _relative_weights(weights, chosen.size)
    data = _Observations(design=scaled, chosen=chosen, weights=people, offered=mask)
    beta, iterations = _newton(data, labels)
    log_likelihood, _, information = _likelihood(data, beta)
    covariance = np.linalg.inv(information)
    if weights is not None or clusters is not None:
        persons = _persons(clusters, chosen.size)
        covariance = covariance @ _score_products(data, beta, persons) @ covariance
    covariance = covariance / np.outer(scale, scale)
    estimates, errors = _rounded(beta / scale), np.sqrt(np.diag(covariance))
    return LogitFit(
        coefficients=dict(zip(labels, estimates.tolist(), strict=True)),
        standard_errors=dict(zip(labels, errors.tolist(), strict=True)),
        covariance=covariance,
        log_likelihood=log_likelihood,
        null_log_likelihood=_null_log_likelihood(chosen.size, len(alternatives), mask, people),
        iterations=iterations,
        observations=chosen.size,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Observations:
    """design: float64[n, alternatives, parameters]; chosen: int64[n]; weights: float64[n];
    offered: bool[n, alternatives], or None: everything."""

    design: Floats
    chosen: NDArray[np.int64]
    weights: Floats
    offered: NDArray[np.bool_] | None

    def chunks(self) -> Iterator["_Observations"]:
        """Yield consecutive pieces of at most CHUNK_ROWS observations."""
        for first in range(0, self.chosen.size, CHUNK_ROWS):
            part = slice(first, first + CHUNK_ROWS)
            yield _Observations(
                design=self.design[part],
                chosen=self.chosen[part],
                weights=self.weights[part],
                offered=None if self.offered is None else self.offered[part],
            )


def _neutralise(design: Floats, offered: NDArray[np.bool_]) -> None:
    """Give what was not offered the mean of what was: no deviation, so no information."""
    for rows, mask in zip(_chunks(design), _chunks(offered), strict=True):
        total = np.where(mask[:, :, None], rows, 0.0).sum(axis=1)
        mean = total / mask.sum(axis=1)[:, None]
        rows[...] = np.where(mask[:, :, None], rows, mean[:, None, :])


def _null_log_likelihood(
    observations: int, alternatives: int, offered: NDArray[np.bool_] | None, weights: Floats
) -> float:
    """Every alternative that was offered as likely as the others."""
    if offered is None:
        return -observations * logarithm(float(alternatives))
    return -float((weights * logarithms(offered.sum(axis=1).astype(np.float64))).sum())


def _persons(clusters: ArrayLike | None, rows: int) -> NDArray[np.int64] | None:
    """Return int64[rows], numbered from 0; None where every row is a person of its own."""
    if clusters is None:
        return None
    given = np.asarray(clusters)
    if given.shape != (rows,):
        raise EstimationError(
            f"has shape {given.shape} where {(rows,)} is needed.",
            field="clusters",
            fix="Say of each observation whose it is.",
        )
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def _relative_weights(weights: ArrayLike | None, rows: int) -> Floats:
    """Return float64[rows] of mean 1; EstimationError where one is unusable or all are 0."""
    if weights is None:
        return np.ones(rows)
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (rows,) or not np.isfinite(given).all() or (given < 0).any():
        raise EstimationError(
            "must be one finite number of 0 or more per observation.",
            field="weights",
            fix="Fill or drop the observations without a usable weight.",
        )
    if not given.any():
        raise EstimationError("are all 0.", field="weights", fix="Give some a weight above 0.")
    return given / given.mean()


def _rounded(estimates: Floats) -> Floats:
    """Keep 12 significant digits: beyond them linear algebra libraries differ between CPUs."""
    return np.array([float(f"{value:.11e}") for value in estimates.tolist()])


def _checked(
    values: ArrayLike,
    choice: ArrayLike,
    alternatives: Sequence[str],
    names: Sequence[str],
    reference: str,
    offered: ArrayLike | None,
) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_] | None]:
    _check_labels("alternatives", alternatives)
    _check_labels("names", names)
    x, chosen = np.asarray(values, dtype=np.float64), np.asarray(choice)
    if chosen.size == 0:
        raise EstimationError("hold no observation.", field="values", fix="Give one or more.")
    expected = (chosen.size, len(alternatives), len(names))
    if x.shape != expected or chosen.ndim != 1 or len(alternatives) < 2:
        raise EstimationError(
            f"has shape {x.shape} where {expected} is needed.",
            field="values",
            fix="Give one row per observation, alternative and attribute.",
        )
    mask = None if offered is None else np.asarray(offered, dtype=bool)
    if mask is not None and mask.shape != expected[:2]:
        raise EstimationError(
            f"has shape {mask.shape} where {expected[:2]} is needed.",
            field="offered",
            fix="Say of each observation and alternative whether it could be chosen.",
        )
    bad = np.argwhere(~np.isfinite(x) if mask is None else ~np.isfinite(x) & mask[:, :, None])
    if bad.size:
        row, alternative, column = bad[0]
        raise EstimationError(
            f"is {x[row, alternative, column]} in row {row} for {alternatives[int(alternative)]}.",
            field=names[int(column)],
            fix="Fill or drop rows with missing values.",
        )
    if chosen.dtype.kind not in "iu" or chosen.min() < 0 or chosen.max() >= len(alternatives):
        raise EstimationError(
            f"must hold indices from 0 to {len(alternatives) - 1}.",
            field="choice",
            fix="Code the chosen alternative by its position.",
        )
    if reference not in alternatives:
        raise EstimationError(
            f"'{reference}' is not an alternative.",
            field="reference",
            fix=f"Use one of: {', '.join(alternatives)}.",
        )
    chosen = chosen.astype(np.int64)
    if mask is not None:
        x = np.where(mask[:, :, None], x, 0.0)
        _check_offered(chosen, mask, alternatives)
    return x, chosen, mask


def _check_offered(
    chosen: NDArray[np.int64], offered: NDArray[np.bool_], alternatives: Sequence[str]
) -> None:
    wrong = np.flatnonzero(~offered[np.arange(chosen.size), chosen])
    if wrong.size:
        row = int(wrong[0])
        raise EstimationError(
            f"chose {alternatives[int(chosen[row])]} in row {row}, which was not offered "
            f"({wrong.size} such rows).",
            field="offered",
            fix="Correct what was offered, or drop these rows.",
        )


def _check_labels(field: str, labels: Sequence[str]) -> None:
    """Two alternatives of one name would both be the reference, and two columns one estimate."""
    kept = listed(labels, field=field, of=str, error=EstimationError)
    repeated = sorted({label for label in kept if kept.count(label) > 1})
    if repeated:
        raise EstimationError(
            f"name {', '.join(repeated)} twice.", field=field, fix="Give each a name of its own."
        )


def _design(
    x: Floats, alternatives: Sequence[str], names: Sequence[str], reference: str
) -> tuple[Floats, list[str]]:
    """Return float64[n, alternatives, parameters], attributes first, and the parameter names."""
    others = [position for position, name in enumerate(alternatives) if name != reference]
    constants = np.zeros((x.shape[0], len(alternatives), len(others)))
    for column, position in enumerate(others):
        constants[:, position, column] = 1.0
    labels = [*names, *(f"asc.{alternatives[position]}" for position in others)]
    return np.concatenate([x, constants], axis=2), labels


def _spread(design: Floats) -> Floats:
    """Return float64[parameters], the spread within choice sets: all that a choice can reveal."""
    total = np.zeros(design.shape[2])
    for within in map(_within, _chunks(design)):
        total += (within**2).sum(axis=(0, 1))
    return np.sqrt(total / (design.shape[0] * design.shape[1]))


def _chunks(rows: NDArray[Number]) -> Iterator[NDArray[Number]]:
    """Yield consecutive pieces of at most CHUNK_ROWS rows."""
    for first in range(0, rows.shape[0], CHUNK_ROWS):
        yield rows[first : first + CHUNK_ROWS]


def _within(design: Floats) -> Floats:
    """Return each attribute's deviation from its mean over the choice set."""
    return design - design.mean(axis=1, keepdims=True)


def _check_identified(scaled: Floats, labels: list[str]) -> None:
    size, largest = np.zeros(len(labels)), np.zeros(len(labels))
    gram = np.zeros((len(labels), len(labels)))
    for chunk in _chunks(scaled):
        within = _within(chunk)
        size = np.maximum(size, np.abs(chunk).max(axis=(0, 1)))
        largest = np.maximum(largest, np.abs(within).max(axis=(0, 1)))
        gram += np.einsum("nja,njb->ab", within, within)
    for position, label in enumerate(labels):
        if largest[position] <= 1e-12 * size[position]:
            raise UnidentifiedError(
                "is the same for all alternatives in every row.",
                field=label,
                fix="Remove it: it cannot explain which alternative was chosen.",
            )
    eigenvalues, vectors = np.linalg.eigh(gram)
    if eigenvalues[0] <= SINGULAR * eigenvalues[-1]:
        weights = np.abs(vectors[:, 0]).tolist()
        involved = [label for label, weight in zip(labels, weights, strict=True) if weight > 0.05]
        raise UnidentifiedError(
            f"follows from {', '.join(involved[1:])}.",
            field=involved[0],
            fix="Remove one of them: their effects cannot be told apart.",
        )


def _check_every_alternative_chosen(chosen: NDArray[np.int64], alternatives: Sequence[str]) -> None:
    counts = np.bincount(chosen, minlength=len(alternatives))
    for position in np.flatnonzero(counts == 0):
        raise SeparationError(
            "was never chosen, so its constant has no finite estimate.",
            field=f"asc.{alternatives[int(position)]}",
            fix="Leave the alternative out, or add rows in which it was chosen.",
        )


def _likelihood(data: _Observations, beta: Floats) -> tuple[float, Floats, Floats]:
    """Return log-likelihood, gradient and information (minus the Hessian), chunk by chunk."""
    size = beta.size
    log_likelihood, gradient, information = 0.0, np.zeros(size), np.zeros((size, size))
    for chunk in data.chunks():
        value, slope, curvature = _chunk_likelihood(chunk, beta)
        log_likelihood += value
        gradient += slope
        information += curvature
    return log_likelihood, gradient, information


def _chunk_likelihood(data: _Observations, beta: Floats) -> tuple[float, Floats, Floats]:
    design, chosen, weights = data.design, data.chosen, data.weights
    probability, log_chosen = _probabilities(data, beta)
    log_likelihood = float((weights * log_chosen).sum())
    mean = np.einsum("nj,njk->nk", probability, design)
    rows = np.arange(chosen.size)
    gradient = (weights[:, None] * (design[rows, chosen] - mean)).sum(axis=0)
    deviation = design - mean[:, None, :]
    information = np.einsum("nj,nja,njb->ab", weights[:, None] * probability, deviation, deviation)
    return log_likelihood, gradient, information


def _probabilities(data: _Observations, beta: Floats) -> tuple[Floats, Floats]:
    """Return float64[n, alternatives], and float64[n], the logarithm of the chosen one's."""
    utility = np.einsum("njk,k->nj", data.design, beta)
    utility -= utility.max(axis=1, keepdims=True)
    odds = exponentials(utility)
    if data.offered is not None:
        odds *= data.offered
    total = odds.sum(axis=1)
    rows = np.arange(data.chosen.size)
    return odds / total[:, None], utility[rows, data.chosen] - logarithms(total)


def _score_products(data: _Observations, beta: Floats, persons: NDArray[np.int64] | None) -> Floats:
    """Return float64[parameters, parameters], the sum of each person's weighted score with itself.

    persons: int64[n], numbered from 0; None: every observation is a person of its own.
    """
    products = np.zeros((beta.size, beta.size))
    totals = np.zeros((0 if persons is None else int(persons.max()) + 1, beta.size))
    first = 0
    for chunk in data.chunks():
        score = _scores(chunk, beta)
        if persons is None:
            products += score.T @ score
        else:
            np.add.at(totals, persons[first : first + len(score)], score)
        first += len(score)
    return products if persons is None else totals.T @ totals


def _scores(data: _Observations, beta: Floats) -> Floats:
    """Return float64[n, parameters], the weighted gradient of each observation."""
    probability, _ = _probabilities(data, beta)
    mean = np.einsum("nj,njk->nk", probability, data.design)
    chosen = data.design[np.arange(data.chosen.size), data.chosen]
    return data.weights[:, None] * (chosen - mean)


def _newton(data: _Observations, labels: list[str]) -> tuple[Floats, int]:
    """Climb the concave log-likelihood; halve a step that overshoots."""
    beta = np.zeros(data.design.shape[2])
    value, gradient, information = _likelihood(data, beta)
    whitening = np.linalg.inv(np.linalg.cholesky(information))
    for iteration in range(1, MOST_ITERATIONS + 1):
        step = np.linalg.solve(information, gradient)
        length = 1.0
        candidate = _likelihood(data, beta + step)
        # So near the top a comparison would see rounding only, and Newton needs no guard.
        converged = float(gradient @ step) < TOLERANCE
        while candidate[0] < value and length > SHORTEST_STEP and not converged:
            length /= 2
            candidate = _likelihood(data, beta + length * step)
        beta = beta + length * step
        value, gradient, information = candidate
        _check_separation(beta, whitening, information, labels)
        if converged:
            return beta, iteration
    raise EstimationError(
        f"did not converge in {MOST_ITERATIONS} iterations.",
        field="values",
        fix="Look for attributes of extreme size, and rescale or remove them.",
    )


def _check_separation(
    beta: Floats, whitening: NDArray[np.floating[Any]], information: Floats, labels: list[str]
) -> None:
    """Where data separate, information vanishes in the directions that separate them.

    whitening: float64[parameters, parameters], turns the information at the start into the unit
    matrix, so that what is left of it now is a share. The largest coefficient alone need not be
    to blame: a price keeps a large, well-known one beside a flag that nobody chose with.
    """
    shares, directions = np.linalg.eigh(whitening @ information @ whitening.T)
    if shares[0] > VANISHED:
        return
    gone = shares <= VANISHING
    at_start = np.linalg.inv(whitening).T  # a column for each parameter, as long as its information
    lost = np.linalg.norm(directions[:, gone].T @ at_start, axis=0)
    lost /= np.linalg.norm(at_start, axis=0)
    worst = int(np.argmax(np.where(lost >= lost.max() / 2, np.abs(beta), -1.0)))
    raise SeparationError(
        "predicts the choice perfectly, so its coefficient has no finite estimate.",
        field=labels[worst],
        fix="Remove it, merge rare alternatives, or add rows that contradict it.",
    )
