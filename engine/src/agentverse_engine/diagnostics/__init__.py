"""How far to trust a model: sensitivity, stability, calibration, scores and drift."""

from agentverse_engine.diagnostics.distances import (
    KolmogorovSmirnov,
    jensen_shannon_divergence,
    kolmogorov_smirnov,
    wasserstein_distance,
)
from agentverse_engine.diagnostics.scores import (
    BrierDecomposition,
    Coverage,
    brier_decomposition,
    brier_score,
    continuous_ranked_probability_score,
    expected_calibration_error,
    interval_coverage,
    log_score,
    probability_integral_transform,
)
from agentverse_engine.diagnostics.series_scores import (
    mean_absolute_scaled_error,
    sign_hit_rate,
    turning_point_error,
)

__all__ = [
    "BrierDecomposition",
    "Coverage",
    "KolmogorovSmirnov",
    "brier_decomposition",
    "brier_score",
    "continuous_ranked_probability_score",
    "expected_calibration_error",
    "interval_coverage",
    "jensen_shannon_divergence",
    "kolmogorov_smirnov",
    "log_score",
    "mean_absolute_scaled_error",
    "probability_integral_transform",
    "sign_hit_rate",
    "turning_point_error",
    "wasserstein_distance",
]
