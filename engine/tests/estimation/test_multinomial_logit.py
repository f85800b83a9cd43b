"""The logit fit against the published table, against finite differences, and on bad data."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agentverse_engine import (
    ChoiceModel,
    EventScript,
    Population,
    Scenario,
    Scope,
    consumer_choice,
    consumer_choice_variables,
    expected_shares,
    network_from_edges,
)
from agentverse_engine.errors import (
    EstimationError,
    SeparationError,
    UnidentifiedError,
    VariableError,
)
from agentverse_engine.estimation import LogitFit, fit_multinomial_logit, multinomial_logit

ALTERNATIVES = ("ec", "er", "gc", "gr", "hp")
NAMES = ["installation_cost", "operating_cost"]
# Train & Croissant, "Exercise 1: Multinomial logit model", vignette of mlogit 1.0-3, as printed:
# estimate and standard error.
PUBLISHED = {
    "installation_cost": (-0.00153315, 0.00062086),
    "operating_cost": (-0.00699637, 0.00155408),
    "asc.ec": (1.65884594, 0.44841936),
    "asc.er": (1.85343697, 0.36195509),
    "asc.gc": (1.71097930, 0.22674214),
    "asc.gr": (0.30826328, 0.20659222),
}
Data = tuple[NDArray[np.float64], NDArray[np.int64]]


@pytest.fixture(scope="module")
def heating() -> Data:
    with (Path(__file__).parents[1] / "data" / "heating.csv").open() as file:
        rows = list(csv.DictReader(file))
    values = [
        [[float(row[f"{kind}.{name}"]) for kind in ("ic", "oc")] for name in ALTERNATIVES]
        for row in rows
    ]
    choice = [ALTERNATIVES.index(row["depvar"]) for row in rows]
    return np.array(values), np.array(choice)


def _fit(
    values: NDArray[np.float64], choice: NDArray[np.int64], names: list[str] = NAMES
) -> LogitFit:
    return fit_multinomial_logit(
        values, choice, alternatives=ALTERNATIVES, names=names, reference="hp"
    )


def test_fit_on_heating_gives_the_published_table(heating: Data) -> None:
    """To 5e-8: eight digits are printed, and mlogit stops within 3e-8 of the maximum."""
    fit = _fit(*heating)
    assert list(fit.coefficients) == list(PUBLISHED)
    for name, (estimate, error) in PUBLISHED.items():
        assert fit.coefficients[name] == pytest.approx(estimate, abs=5e-8)
        assert fit.standard_errors[name] == pytest.approx(error, abs=5e-8)
    assert fit.log_likelihood == pytest.approx(-1008.23, abs=0.01)
    assert fit.null_log_likelihood == pytest.approx(-900 * np.log(5), abs=1e-9)
    assert fit.observations == 900


def test_weights_count_people_as_repeated_rows_do(heating: Data) -> None:
    values, choice = heating
    times = 1 + np.arange(choice.size) % 3
    repeated = _fit(np.repeat(values, times, axis=0), np.repeat(choice, times))
    weighted = fit_multinomial_logit(
        values, choice, alternatives=ALTERNATIVES, names=NAMES, reference="hp", weights=5 * times
    )
    assert weighted.coefficients == pytest.approx(repeated.coefficients, rel=1e-9)
    share = repeated.log_likelihood / times.sum()
    assert weighted.log_likelihood / choice.size == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize("weights", [[1.0] * 3, [-1.0] * 900, [np.nan] * 900, [0.0] * 900])
def test_unusable_weights_are_refused(heating: Data, weights: list[float]) -> None:
    with pytest.raises(EstimationError) as caught:
        fit_multinomial_logit(
            *heating, alternatives=ALTERNATIVES, names=NAMES, reference="hp", weights=weights
        )
    assert caught.value.field == "weights"


def test_standard_errors_match_the_curvature_of_the_likelihood(heating: Data) -> None:
    """Second differences of an independently written log-likelihood."""
    values, choice = heating
    fit = _fit(values, choice)
    beta = np.array(list(fit.coefficients.values()))
    constants = np.broadcast_to(np.eye(5)[:, :4], (900, 5, 4))
    design = np.concatenate([values, constants], axis=2)

    def log_likelihood(at: NDArray[np.float64]) -> float:
        utility = design @ at
        chosen = utility[np.arange(900), choice]
        return float((chosen - np.log(np.exp(utility).sum(axis=1))).sum())

    steps = np.array(list(fit.standard_errors.values())) * 0.02
    hessian = np.empty((6, 6))
    for a in range(6):
        for b in range(6):
            da, db = np.eye(6)[a] * steps[a], np.eye(6)[b] * steps[b]
            hessian[a, b] = (
                log_likelihood(beta + da + db)
                - log_likelihood(beta + da - db)
                - log_likelihood(beta - da + db)
                + log_likelihood(beta - da - db)
            ) / (4 * steps[a] * steps[b])
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(-hessian), rtol=1e-3, atol=1e-9)
    assert log_likelihood(beta) == pytest.approx(fit.log_likelihood, abs=1e-8)


def test_predicted_shares_equal_observed_shares(heating: Data) -> None:
    """With constants, the score equations say so exactly."""
    values, choice = heating
    fit = _fit(values, choice)
    utility = values @ [fit.coefficients[name] for name in NAMES]
    utility += [fit.coefficients.get(f"asc.{name}", 0.0) for name in ALTERNATIVES]
    probability = np.exp(utility) / np.exp(utility).sum(axis=1, keepdims=True)
    observed = np.bincount(choice, minlength=5) / 900
    np.testing.assert_allclose(probability.mean(axis=0), observed, atol=1e-9)


def test_rescaled_attributes_give_rescaled_coefficients(heating: Data) -> None:
    values, choice = heating
    plain, scaled = _fit(values, choice), _fit(values * [1e-6, 1e6], choice)
    for name, factor in (("installation_cost", 1e6), ("operating_cost", 1e-6)):
        assert scaled.coefficients[name] == pytest.approx(
            plain.coefficients[name] * factor, rel=1e-6
        )


def test_an_attribute_without_variation_is_named(heating: Data) -> None:
    values, choice = heating
    income = np.broadcast_to(np.arange(900.0)[:, None, None], (900, 5, 1))
    with pytest.raises(UnidentifiedError) as caught:
        _fit(np.concatenate([values, income], axis=2), choice, [*NAMES, "income"])
    assert caught.value.field == "income"


def test_attributes_that_follow_from_others_are_named(heating: Data) -> None:
    values, choice = heating
    total = values[..., :1] + 10 * values[..., 1:]
    with pytest.raises(UnidentifiedError) as caught:
        _fit(np.concatenate([values, total], axis=2), choice, [*NAMES, "total"])
    assert "total" in str(caught.value)


def test_a_perfect_predictor_is_named(heating: Data) -> None:
    values, choice = heating
    oracle = np.eye(5)[choice][:, :, None]
    with pytest.raises(SeparationError) as caught:
        _fit(np.concatenate([values, oracle], axis=2), choice, [*NAMES, "oracle"])
    assert caught.value.field == "oracle"


def test_an_attribute_only_the_chosen_ever_have_is_named(heating: Data) -> None:
    values, choice = heating
    sign = np.eye(5)[choice] * (np.arange(900) % 3 == 0)[:, None]
    with pytest.raises(SeparationError) as caught:
        _fit(np.concatenate([values, sign[:, :, None]], axis=2), choice, [*NAMES, "sign"])
    assert caught.value.field == "sign"


def test_an_alternative_never_chosen_is_named(heating: Data) -> None:
    values, choice = heating
    keep = choice != 3
    with pytest.raises(SeparationError) as caught:
        _fit(values[keep], choice[keep])
    assert caught.value.field == "asc.gr"


def test_bad_data_is_refused(heating: Data) -> None:
    values, choice = heating
    broken = values.copy()
    broken[4, 2, 1] = np.nan
    for given, chosen, field in (
        (broken, choice, "operating_cost"),
        (values[:10], choice, "values"),
        (values, choice + 1, "choice"),
        (values[:0], choice[:0], "values"),
    ):
        with pytest.raises(EstimationError) as caught:
            _fit(given, chosen)
        assert caught.value.field == field
    with pytest.raises(EstimationError) as caught:
        fit_multinomial_logit(
            values, choice, alternatives=ALTERNATIVES, names=NAMES, reference="coal"
        )
    assert caught.value.field == "reference"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"alternatives": ["gc", "gc", "ec", "er", "hp"]}, "alternatives"),
        ({"names": [NAMES[0], NAMES[0]]}, "names"),
        ({"names": "ab"}, "names"),
    ],
)
def test_fit_of_two_things_of_one_name_is_refused(
    heating: Data, changes: dict[str, Any], field: str
) -> None:
    values, choice = heating
    given: dict[str, Any] = {"alternatives": ALTERNATIVES, "names": NAMES, "reference": "hp"}
    with pytest.raises(EstimationError) as caught:
        fit_multinomial_logit(values, choice, **given | changes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "field", ["attribute_ranges", "family_labels", "family_units", "alternative_labels"]
)
def test_registry_that_lacks_words_or_ranges_is_refused_by_name(field: str) -> None:
    model = ChoiceModel(alternatives=("a", "b"), coefficients={"cost": -1.0}, constants={})
    given: dict[str, Any] = {
        "attribute_ranges": {"cost": (0, 1)},
        "family_labels": {"cost": "cost"},
        "family_units": {"cost": "USD"},
        "alternative_labels": {"a": "a", "b": "b"},
        "attribute_source": "made up",
        field: {},
    }
    with pytest.raises(VariableError, match="lacks") as caught:
        consumer_choice_variables(model, **given)
    assert caught.value.field == field


def test_fit_in_chunks_equals_the_fit_in_one_piece(
    heating: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _fit(*heating)
    monkeypatch.setattr(multinomial_logit, "CHUNK_ROWS", 128)
    pieces = _fit(*heating)
    assert pieces.coefficients == pytest.approx(whole.coefficients, rel=1e-10)
    assert pieces.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-13)
    np.testing.assert_allclose(pieces.covariance, whole.covariance, rtol=1e-9)


def test_rebate_on_the_fitted_model_gives_the_published_share(heating: Data) -> None:
    """The same vignette: 10 % off a heat pump's installation cost lifts its share to 0.06446230."""
    values, choice = heating
    fit = _fit(values, choice)
    attributes = {
        f"{name}.{alternative}": values[:, position, column]
        for column, name in enumerate(NAMES)
        for position, alternative in enumerate(ALTERNATIVES)
    }
    shares = _shares_with_rebate(fit, attributes, choice)
    assert shares[0] == pytest.approx([0.07111111, 0.09333333, 0.63666667, 0.14333333, 0.05555556])
    published = [0.07045486, 0.09247026, 0.63064443, 0.14196814, 0.06446230]
    np.testing.assert_allclose(shares[1], published, rtol=0, atol=5e-8)


def _shares_with_rebate(
    fit: LogitFit, attributes: dict[str, NDArray[np.float64]], choice: NDArray[np.int64]
) -> NDArray[np.float64]:
    model = ChoiceModel(
        alternatives=ALTERNATIVES,
        coefficients={name: fit.coefficients[name] for name in NAMES},
        constants={name: fit.coefficients.get(f"asc.{name}", 0.0) for name in ALTERNATIVES},
    )
    people = choice.size
    population = Population(
        segments=("everyone",),
        regions=("everywhere",),
        segment=np.zeros(people, dtype=np.int16),
        region=np.zeros(people, dtype=np.int16),
        attributes=attributes,
        choice=choice.astype(np.uint8),
    )
    scenario = Scenario(
        population=population,
        network=network_from_edges(people, np.empty((0, 2), dtype=np.int64)),
        pack=consumer_choice(model),
        variables=consumer_choice_variables(
            model,
            attribute_ranges=dict.fromkeys(NAMES, (0.0, 1e6)),
            family_labels=dict(zip(NAMES, ("installation cost", "operating cost"), strict=True)),
            family_units=dict(zip(NAMES, ("USD", "USD/year"), strict=True)),
            alternative_labels={name: name for name in ALTERNATIVES},
            attribute_source="Heating data",
        ),
        event_scripts=(
            EventScript(
                variable="installation_cost.hp",
                operation="multiply",
                value=0.9,
                scope=Scope(start_tick=2),
            ),
        ),
        horizon=2,
        seed=1,
        replicates=1,
        allow=("isolated_personas",),
    )
    return expected_shares(scenario)[1:, 0, 0]
