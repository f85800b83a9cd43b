"""What a notebook shows of results: the numbers that matter, and text that stays text."""

from collections.abc import Callable

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine import networks
from agentverse_engine.estimation import fit_multinomial_logit
from agentverse_engine.html_tables import html_table

Society = Callable[..., av.Scenario]


def _html(shown: object) -> str:
    html = shown._repr_html_()  # type: ignore[attr-defined]  # the name that notebooks ask for
    assert isinstance(html, str)
    return html


def test_text_in_tables_is_escaped() -> None:
    html = html_table("<b>", {"a & b": "<script>alert(1)</script>"})
    assert "&lt;script&gt;" in html
    assert "a &amp; b" in html
    assert html.count("<script>") == 0
    assert "<caption" in html
    assert "&lt;b&gt;" in html


def test_scenario_shows_size_rules_scripts_and_digest(society: Society) -> None:
    script = av.EventScript(
        variable="conformity", operation="set", value=1.0, label="<img src=x> calm"
    )
    scenario = society(120, event_scripts=(script,))
    html = _html(scenario)
    for words in ("120 personas", "gas, wood, pump", "6 ticks, 4 replicates", scenario.digest[:12]):
        assert words in html
    assert "&lt;img src=x&gt; calm" in html
    assert "<img" not in html


def test_trajectory_shows_median_and_interval_of_the_last_tick(society: Society) -> None:
    run = av.simulate_ensemble(society(120))
    low, median, high = av.ensembles.interval(run.shares()[:, -1, 2])
    assert f"{median:.1%} ({low:.1%} to {high:.1%})" in _html(run)
    assert run.digest[:12] in _html(run)


def test_checkpoint_and_narrowed_outcome_show_no_arrays(society: Society) -> None:
    kept: list[av.Checkpoint] = []
    scenario = society(120)
    av.simulate_ensemble(scenario, checkpoint_every=3, keep_checkpoint=kept.append, batch=2)
    assert repr(kept[-1]) == "Checkpoint(tick 6, replicates 2 to 3)"
    found = av.simulate_until(
        scenario, lambda run: run.shares()[:, -1, 0], half_width=1e-9, least=4, most=5
    )
    assert repr(found).startswith(f"Narrowed({found.mean:.6g} ± ")
    assert repr(found).endswith(" at 90%, 5 replicates, not as narrow as asked for)")


def test_network_report_shows_mixing_and_its_repr_stays_short(society: Society) -> None:
    scenario = society(400)
    report = networks.report(scenario.network, {"region": scenario.population.region})
    assert "links within region" in _html(report)
    assert f"{report.clustering:.3f}" in _html(report)
    assert "degree_counts" not in repr(report)
    assert sum(report.degree_counts) == 400


def test_logit_fit_shows_each_coefficient_with_its_error() -> None:
    draw = np.random.default_rng(1)
    fit = fit_multinomial_logit(
        draw.normal(size=(200, 2, 1)),
        draw.integers(0, 2, 200),
        alternatives=("a", "b"),
        names=("cost",),
        reference="b",
    )
    assert f"{fit.coefficients['cost']:.6g} (standard error" in _html(fit)
    assert "asc.a" in _html(fit)


def test_refusal_reads_as_field_fault_and_way_out(society: Society) -> None:
    with pytest.raises(av.EngineError) as caught:
        society(50, horizon=0)
    assert str(caught.value) == "horizon: is 0. Use a whole number from 1 to 100000."
