"""How far to trust a model: sensitivity, stability, calibration, scores and drift."""

from agentverse_engine.diagnostics.backtest import (
    Backtest,
    backtest,
    baseline_forecasts,
    default_baselines,
)
from agentverse_engine.diagnostics.baselines import (
    Forecast,
    climatology,
    multinomial,
    persistence,
    random_walk_with_drift,
    sampled_shares,
    seasonal_naive,
    with_observation_noise,
)
from agentverse_engine.diagnostics.calibration import (
    Calibration,
    PosteriorCalibration,
    calibrate,
    calibrate_posterior,
    posterior_forecast,
)
from agentverse_engine.diagnostics.distances import (
    KolmogorovSmirnov,
    jensen_shannon_divergence,
    kolmogorov_smirnov,
    wasserstein_distance,
)
from agentverse_engine.diagnostics.drift import (
    ColumnDrift,
    DriftReport,
    drift_report,
    population_drift,
    population_stability_index,
    stability_band,
)
from agentverse_engine.diagnostics.observations import (
    Observations,
    guard_leakage,
    held_out_split,
)
from agentverse_engine.diagnostics.posterior import (
    Posterior,
    distance_to,
    rejection_posterior,
    sequential_posterior,
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
from agentverse_engine.diagnostics.sensitivity import (
    ElementaryEffects,
    MorrisScreening,
    SobolIndex,
    SobolIndices,
    morris_screening,
    sobol_indices,
)
from agentverse_engine.diagnostics.series_scores import (
    mean_absolute_scaled_error,
    sign_hit_rate,
    turning_point_error,
)
from agentverse_engine.diagnostics.skill import Skill, skills
from agentverse_engine.diagnostics.stability import (
    StableMean,
    bootstrap_interval,
    replicate_until_stable,
)
from agentverse_engine.diagnostics.studies import (
    Bounds,
    Evaluate,
    Model,
    Simulate,
    each_point_with_its_seed,
    every_point_with_every_seed,
)
from agentverse_engine.diagnostics.variance import (
    VarianceShare,
    VarianceSplit,
    crossed_variance,
    nested_variance,
)

__all__ = [
    "Backtest",
    "Bounds",
    "BrierDecomposition",
    "Calibration",
    "ColumnDrift",
    "Coverage",
    "DriftReport",
    "ElementaryEffects",
    "Evaluate",
    "Forecast",
    "KolmogorovSmirnov",
    "Model",
    "MorrisScreening",
    "Observations",
    "Posterior",
    "PosteriorCalibration",
    "Simulate",
    "Skill",
    "SobolIndex",
    "SobolIndices",
    "StableMean",
    "VarianceShare",
    "VarianceSplit",
    "backtest",
    "baseline_forecasts",
    "bootstrap_interval",
    "brier_decomposition",
    "brier_score",
    "calibrate",
    "calibrate_posterior",
    "climatology",
    "continuous_ranked_probability_score",
    "crossed_variance",
    "default_baselines",
    "distance_to",
    "drift_report",
    "each_point_with_its_seed",
    "every_point_with_every_seed",
    "expected_calibration_error",
    "guard_leakage",
    "held_out_split",
    "interval_coverage",
    "jensen_shannon_divergence",
    "kolmogorov_smirnov",
    "log_score",
    "mean_absolute_scaled_error",
    "morris_screening",
    "multinomial",
    "nested_variance",
    "persistence",
    "population_drift",
    "population_stability_index",
    "posterior_forecast",
    "probability_integral_transform",
    "random_walk_with_drift",
    "rejection_posterior",
    "replicate_until_stable",
    "sampled_shares",
    "seasonal_naive",
    "sequential_posterior",
    "sign_hit_rate",
    "skills",
    "sobol_indices",
    "stability_band",
    "turning_point_error",
    "wasserstein_distance",
    "with_observation_noise",
]
