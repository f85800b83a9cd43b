"""A weight column counts: in shares, personas and estimates, as an independent library has it."""

# statsmodels and pandas ship no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import csv
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from factories.populations import silent

from agentverse.platform.errors import AgentVerseError
from agentverse.populations.building import Built, build
from agentverse.populations.importing import import_survey
from agentverse.populations.inspecting import inspect
from agentverse.populations.schemas import ColumnMapping, ImportRequest, SynthesisOptions

CASE = Path(__file__).parent / "cases" / "survey_weights.csv"
SOME = SynthesisOptions(personas=10_000, mean_degree=0)


def suggested(path: Path) -> ColumnMapping:
    mapping = inspect(path).suggested_mapping
    assert mapping is not None
    return mapping


def built(mapping: ColumnMapping) -> Built:
    request = ImportRequest(mapping=mapping, synthesis=SOME)
    return build(CASE, request, file_sha256="", source="", progress=silent)


@pytest.fixture(scope="module")
def weighted() -> Built:
    return built(suggested(CASE))


def columns() -> dict[str, list[str]]:
    with CASE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_weight_is_recognised_and_no_trait(weighted: Built) -> None:
    mapping = weighted.snapshot.mapping
    assert mapping.weight_column == "weight"
    assert "weight" not in mapping.traits


def test_shares_are_those_of_people_and_not_of_rows(weighted: Built) -> None:
    table = columns()
    weight = np.array(table["weight"], float)
    pump = np.array(table["choice"]) == "pump"
    expected = 100 * weight[pump].sum() / weight.sum()
    assert expected == pytest.approx(52.4, abs=0.05)
    assert weighted.import_report.choice_shares["pump"] == pytest.approx(expected, abs=1e-9)
    assert weighted.import_report.choice_counts["pump"] == pump.sum() == 733
    fit = {marginal.name: marginal for marginal in weighted.fit.marginals}["choice"]
    assert fit.target[fit.categories.index("pump")] == pytest.approx(expected, abs=1e-9)
    personas = weighted.snapshot.population.choice == 1
    assert 100 * personas.mean() == pytest.approx(expected, abs=0.5)


def test_without_the_weight_every_row_counts_alike() -> None:
    mapping = suggested(CASE).model_copy(update={"weight_column": None})
    made = built(mapping)
    assert made.import_report.choice_shares["pump"] == pytest.approx(73.3)


def test_weighted_estimates_and_robust_errors_equal_statsmodels(weighted: Built) -> None:
    table = columns()
    price = np.array(table["price_gas"], float) - np.array(table["price_pump"], float)
    gas = (np.array(table["choice"]) == "gas").astype(float)
    weight = np.array(table["weight"], float)
    design = np.stack([price, np.ones(price.size)], axis=1)
    # Variance weights scale each score, as survey weights do; frequency weights would not.
    family = sm.families.Binomial()
    fit = sm.GLM(gas, design, family=family, var_weights=weight).fit(cov_type="HC0", tol=1e-12)
    assert weighted.estimation is not None
    ours = {each.name: each for each in weighted.estimation.coefficients}
    for name, estimate, error in zip(("price", "asc.gas"), fit.params, fit.bse, strict=True):
        assert ours[name].estimate == pytest.approx(estimate, rel=1e-4)
        assert ours[name].standard_error == pytest.approx(error, rel=1e-4)
    assert "robust" in weighted.estimation.method


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (["0", "0.0"], "no row stands for anybody"),
        (["-1", "-2"], "below zero"),
    ],
)
def test_weights_that_are_none_are_refused(
    tmp_path: Path, weights: list[str], message: str
) -> None:
    lines = ["choice,price_a,price_b,weight"]
    lines += [f"{'ab'[n % 3 == 0]},{n % 7},{n % 5},{weights[n % 2]}" for n in range(60)]
    path = tmp_path / "file.csv"
    path.write_text("\n".join(lines))
    mapping = suggested(path).model_copy(update={"weight_column": "weight", "traits": []})
    with pytest.raises(AgentVerseError, match=message):
        import_survey(path, mapping, refused_path=tmp_path / "refused", progress=silent)
