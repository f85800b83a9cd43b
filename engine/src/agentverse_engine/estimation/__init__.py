"""Fitted models of choice."""

from agentverse_engine.estimation.multinomial_logit import LogitFit, fit_multinomial_logit

__all__ = ["LogitFit", "fit_multinomial_logit"]
