"""From a few survey rows to any number of personas, and how well the copy fits its source."""

from agentverse_engine.synthesis.copulas import Copula, fit_copula, gaussian_copula
from agentverse_engine.synthesis.fit import (
    CategoryFit,
    CrossFit,
    FitReport,
    fit_report,
    quantile_bins,
)
from agentverse_engine.synthesis.homogeneity import (
    CoefficientSign,
    HomogeneityLimits,
    HomogeneityReport,
    Regression,
    VarianceRatio,
    homogeneity_report,
)
from agentverse_engine.synthesis.integerising import systematic_counts, truncate_replicate_sample
from agentverse_engine.synthesis.raking import Margin, Raking, TableFit, fit_table, rake
from agentverse_engine.synthesis.resampling import resample
from agentverse_engine.synthesis.synthesising import SyntheticRows, synthesise

__all__ = [
    "CategoryFit",
    "CoefficientSign",
    "Copula",
    "CrossFit",
    "FitReport",
    "HomogeneityLimits",
    "HomogeneityReport",
    "Margin",
    "Raking",
    "Regression",
    "SyntheticRows",
    "TableFit",
    "VarianceRatio",
    "fit_copula",
    "fit_report",
    "fit_table",
    "gaussian_copula",
    "homogeneity_report",
    "quantile_bins",
    "rake",
    "resample",
    "synthesise",
    "systematic_counts",
    "truncate_replicate_sample",
]
