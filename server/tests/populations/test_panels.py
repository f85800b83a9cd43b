"""Several choices of one person are one person's."""

# statsmodels ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from factories.populations import silent

from agentverse.populations.building import Built, build
from agentverse.populations.inspecting import inspect
from agentverse.populations.schemas import ImportRequest, SynthesisOptions

PEOPLE, EACH = 100, 8


def panel(folder: Path) -> tuple[Path, np.ndarray]:
    """Drawn with a taste of each person's own, so that one person's choices are alike."""
    rng = np.random.default_rng(11)
    taste = np.repeat(rng.normal(0, 1.5, PEOPLE), EACH)
    person = np.repeat(np.arange(PEOPLE) + 1000, EACH)
    price = rng.uniform(1, 9, (PEOPLE * EACH, 2)).round(2)
    utility = 0.4 * (price[:, 1] - price[:, 0]) + taste
    first = rng.uniform(size=utility.size) < 1 / (1 + np.exp(-utility))
    order = rng.permutation(utility.size)
    lines = ["household,choice,price_a,price_b"]
    lines += [f"{person[n]},{'a' if first[n] else 'b'},{price[n, 0]},{price[n, 1]}" for n in order]
    path = folder / "panel.csv"
    path.write_text("\n".join(lines))
    return path, np.column_stack([person, first, price[:, 0] - price[:, 1]])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, np.ndarray]:
    path, table = panel(tmp_path_factory.mktemp("panel"))
    mapping = inspect(path).suggested_mapping
    assert mapping is not None
    assert mapping.person_column == "household"
    assert mapping.traits == []
    request = ImportRequest(mapping=mapping, synthesis=SynthesisOptions(personas=400))
    return build(path, request, file_sha256="", source="", progress=silent), table


def test_hundred_households_are_a_hundred(made: tuple[Built, np.ndarray]) -> None:
    report = made[0].import_report
    assert (report.people, report.rows_imported) == (PEOPLE, PEOPLE * EACH)


def test_standard_errors_are_clustered_as_an_independent_library_does(
    made: tuple[Built, np.ndarray],
) -> None:
    built, table = made
    design = np.column_stack([table[:, 2], np.ones(len(table))])
    options = {"groups": table[:, 0].astype(int), "use_correction": False, "df_correction": False}
    model = sm.GLM(table[:, 1], design, family=sm.families.Binomial())
    clustered = model.fit(cov_type="cluster", cov_kwds=options, tol=1e-12)
    plain = model.fit(tol=1e-12)
    fit = built.snapshot.choice_fit
    for name, estimate, error in zip(
        ("price", "asc.a"), clustered.params, clustered.bse, strict=True
    ):
        assert fit.coefficients[name] == pytest.approx(estimate, rel=1e-4)
        assert fit.standard_errors[name] == pytest.approx(error, rel=1e-4)
    assert fit.standard_errors["asc.a"] > 1.5 * plain.bse[1]
    assert built.estimation is not None
    assert "clustered by person" in built.estimation.method


def test_every_person_is_among_the_personas_as_often_as_the_rows_say(
    made: tuple[Built, np.ndarray], tmp_path: Path
) -> None:
    built, _ = made
    path, _ = panel(tmp_path)  # the same bits again
    households = [line.partition(",")[0] for line in path.read_text().splitlines()]
    person = [households[line - 1] for line in built.snapshot.source_line.tolist()]
    counts = np.unique(person, return_counts=True)[1]
    assert (counts.size, set(counts.tolist())) == (PEOPLE, {4})
