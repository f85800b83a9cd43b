"""From a few survey rows to any number of personas, and how well the copy fits its source."""

from agentverse_engine.synthesis.fit import CategoryFit, FitReport, fit_report, quantile_bins
from agentverse_engine.synthesis.resampling import resample

__all__ = ["CategoryFit", "FitReport", "fit_report", "quantile_bins", "resample"]
