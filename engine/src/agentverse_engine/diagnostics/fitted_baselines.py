"""Baselines that are fitted to the history by statsmodels: AR, exponential smoothing, VAR."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import numpy as np

from agentverse_engine.diagnostics.array_checks import Floats, Integers
from agentverse_engine.diagnostics.baselines import check_even, standard_normals
from agentverse_engine.diagnostics.observations import Observations
from agentverse_engine.errors import RequestError
from agentverse_engine.optional import require

MOST_LAGS = 4
LEAST_FITTED = 12  # values; fewer give no honest estimate of an error law


def autoregression(history: Observations, ticks: Integers, seed: int) -> Floats:
    """Return an AR(p) with constant, p of 1 to 4 by BIC, and normal errors; each column alone."""
    _check_long(history, ticks)
    errors = standard_normals(history, ticks.size, seed)
    if history.value.ndim == 1:
        return _autoregression(history.value, errors)
    columns = [
        _autoregression(history.value[:, column], errors[:, :, column])
        for column in range(history.value.shape[1])
    ]
    return np.stack(columns, axis=2)


def _autoregression(values: Floats, errors: Floats) -> Floats:
    module: Any = require("statsmodels.tsa.ar_model", extra="diagnostics")
    if np.ptp(values) == 0.0:
        return np.full(errors.shape, values[-1])
    with _quiet():
        most = min(MOST_LAGS, values.size // 4)
        lags = module.ar_select_order(values, maxlag=most, ic="bic", trend="c").ar_lags or [1]
        fit = module.AutoReg(values, lags=lags, trend="c").fit()
    constant, weights = float(fit.params[0]), np.zeros(max(lags))
    weights[np.array(lags) - 1] = fit.params[1:]
    path = np.broadcast_to(values[::-1][: weights.size], (len(errors), weights.size))
    return _continued(path, constant, weights, float(np.sqrt(fit.sigma2)) * errors)


def _continued(recent: Floats, constant: float, weights: Floats, errors: Floats) -> Floats:
    """Return float64[members, h]; recent: float64[members, lags], the latest value first."""
    result = np.empty(errors.shape)
    for ahead in range(errors.shape[1]):
        result[:, ahead] = constant + recent @ weights + errors[:, ahead]
        recent = np.column_stack([result[:, ahead], recent[:, :-1]])
    return result


def exponential_smoothing(history: Observations, ticks: Integers, seed: int) -> Floats:
    """Return ETS(A,Ad,N), additive errors and a damped trend; each column alone.

    Hyndman, Koehler, Ord & Snyder 2008.
    """
    _check_long(history, ticks)
    errors = standard_normals(history, ticks.size, seed)
    if history.value.ndim == 1:
        return _smoothed(history.value, errors)
    columns = [
        _smoothed(history.value[:, column], errors[:, :, column])
        for column in range(history.value.shape[1])
    ]
    return np.stack(columns, axis=2)


def _smoothed(values: Floats, errors: Floats) -> Floats:
    module: Any = require("statsmodels.tsa.exponential_smoothing.ets", extra="diagnostics")
    if np.ptp(values) == 0.0:
        return np.full(errors.shape, values[-1])
    with _quiet():
        model = module.ETSModel(values, error="add", trend="add", damped_trend=True)
        fit = model.fit(disp=False)
        scaled = float(np.sqrt(fit.scale)) * errors.T
        paths = fit.simulate(
            errors.shape[1], anchor="end", repetitions=len(errors), random_errors=scaled
        )
    return np.asarray(paths, dtype=np.float64).reshape(errors.shape[1], len(errors)).T


def vector_autoregression(history: Observations, ticks: Integers, seed: int) -> Floats:
    """Return a VAR(p) with constant, p of 1 to 4 by BIC, of all columns together (Sims 1980).

    Where columns always sum to the same, as shares do, the last is left out and follows.
    """
    _check_long(history, ticks)
    if history.value.ndim != 2 or history.value.shape[1] < 2:
        raise RequestError(
            "has one column.", field="value", fix="Use the baseline ar, or give several columns."
        )
    values, errors = history.value, standard_normals(history, ticks.size, seed)
    sums = values.sum(axis=1)
    if np.allclose(sums, sums[0]) and values.shape[1] > 2:
        free = _vector_paths(values[:, :-1], errors[:, :, :-1])
        return np.concatenate([free, sums[0] - free.sum(axis=2, keepdims=True)], axis=2)
    if np.allclose(sums, sums[0]):
        one = _autoregression(values[:, 0], errors[:, :, 0])
        return np.stack([one, sums[0] - one], axis=2)
    return _vector_paths(values, errors)


def _vector_paths(values: Floats, errors: Floats) -> Floats:
    module: Any = require("statsmodels.tsa.api", extra="diagnostics")
    most = max(1, min(MOST_LAGS, (len(values) - 2) // (3 * values.shape[1])))
    with _quiet():
        fit = module.VAR(values).fit(maxlags=most, ic="bic", trend="c")
        if fit.k_ar == 0:
            fit = module.VAR(values).fit(1, trend="c")
    root = _root(np.asarray(fit.sigma_u, dtype=np.float64))
    shocks = errors @ root.T
    recent = [np.broadcast_to(row, shocks[:, 0].shape) for row in values[::-1][: fit.k_ar]]
    result = np.empty(errors.shape)
    for ahead in range(errors.shape[1]):
        moved = sum(last @ coefs.T for last, coefs in zip(recent, fit.coefs, strict=True))
        result[:, ahead] = fit.intercept + moved + shocks[:, ahead]
        recent = [result[:, ahead], *recent[:-1]]
    return result


def _root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.clip(values, 0.0, None))


def _check_long(history: Observations, ticks: Integers) -> None:
    check_even(history, ticks)
    if len(history) < LEAST_FITTED:
        raise RequestError(
            f"has {len(history)} values, too few to fit a baseline.",
            field="history",
            fix=f"Use origins with {LEAST_FITTED} or more values before them, or baselines that "
            "are not fitted.",
        )


@contextmanager
def _quiet() -> Generator[None]:
    """A baseline that converges badly is a weak baseline, and no matter for a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
