"""Nobody chooses what they were not offered, in estimate, closed form and simulation."""

# statsmodels ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import csv
from pathlib import Path

import numpy as np
import pytest
from factories.populations import silent, taken
from statsmodels.discrete.conditional_models import ConditionalLogit

from agentverse.populations.building import Built, build
from agentverse.populations.errors import NoRowsLeft
from agentverse.populations.estimating import fit_choices
from agentverse.populations.inspecting import inspect
from agentverse.populations.schemas import ColumnMapping, ImportRequest, SynthesisOptions
from agentverse.runs.inputs import scenario_of
from agentverse.runs.selection import TemplateSelection
from agentverse.runs.spec import RunSpec
from agentverse.universe.variables import Registry, build_template
from agentverse_engine import EventScript, Scenario, expected_shares, simulate

CASE = Path(__file__).parent / "cases" / "availability_zeros.csv"
NAMES = ("bus", "car", "train")
ESTIMATES = {"cost": -0.0786, "travel_time": -0.0182}
HALF_PRICE = EventScript(variable="cost.train", operation="multiply", value=0.5)


def rows() -> list[dict[str, str]]:
    with CASE.open() as file:
        return list(csv.DictReader(file))


def suggested(path: Path) -> ColumnMapping:
    mapping = inspect(path).suggested_mapping
    assert mapping is not None
    return mapping


@pytest.fixture(scope="module")
def built() -> Built:
    request = ImportRequest(
        mapping=suggested(CASE), synthesis=SynthesisOptions(personas=3000, mean_degree=4)
    )
    return build(CASE, request, file_sha256="", source="the case", progress=silent)


def scenario(built: Built, *scripts: EventScript, social_rules: bool = False) -> Scenario:
    spec = RunSpec(
        population_id=None,  # pyright: ignore[reportArgumentType] - the snapshot is given
        template=TemplateSelection(),
        parameters={"replacement_rate": 1.0},
        event_scripts=scripts,
        horizon=3,
        replicates=2,
        seed=20,
    )
    return scenario_of(built.snapshot, spec, social_rules=social_rules)


def test_availability_is_recognised_and_counted(built: Built) -> None:
    availability = suggested(CASE).availability
    assert availability is not None
    assert availability.columns == {name: f"av_{name}" for name in NAMES}
    with_car = sum(row["av_car"] == "1" for row in rows())
    assert with_car < 2200
    assert built.import_report.offered_counts == {"bus": 3000, "car": with_car, "train": 3000}


def test_estimates_are_those_of_an_independent_library(built: Built) -> None:
    """Conditional logit over the offered rows alone, constants as columns."""
    chosen: list[bool] = []
    design: list[list[float]] = []
    group: list[int] = []
    for number, row in enumerate(rows()):
        for name in NAMES:
            if row[f"av_{name}"] == "1":
                chosen.append(row["choice"] == name)
                constants = [name == "bus", name == "car"]
                design.append([float(row[f"cost_{name}"]), float(row[f"time_{name}"]), *constants])
                group.append(number)
    fit = ConditionalLogit(
        np.array(chosen, float), np.array(design, float), groups=np.array(group)
    ).fit(disp=False)
    ours = built.snapshot.choice_fit
    assert ours.coefficients["cost"] == pytest.approx(-0.0786, abs=5e-5)
    names = ("cost", "travel_time", "asc.bus", "asc.car")
    assert [ours.coefficients[name] for name in names] == pytest.approx(fit.params, rel=1e-4)
    assert [ours.standard_errors[name] for name in names] == pytest.approx(fit.bse, rel=1e-4)


def test_closed_form_moves_the_car_as_its_owners_alone_can(built: Built) -> None:
    before, after = (
        expected_shares(scenario(built, *scripts))[-1, 0, 0] for scripts in ((), (HALF_PRICE,))
    )
    survey = np.array([built.import_report.choice_shares[name] for name in NAMES])
    assert 100 * before == pytest.approx(survey, abs=0.05)  # constants: the file's own shares
    assert 100 * (after - before)[1] == pytest.approx(-5.7, abs=0.2)


@pytest.mark.parametrize("social_rules", [False, True])
def test_nobody_without_a_car_ever_drives(built: Built, social_rules: bool) -> None:
    cheap = EventScript(variable="cost.car", operation="multiply", value=0.01)
    made = scenario(built, cheap, social_rules=social_rules)
    trajectory = simulate(made)
    without = built.snapshot.population.attributes["not_offered.car"] == 1
    assert without.sum() > 800
    for replicate in range(trajectory.dense_replicates):
        ended = trajectory.state_at(made.horizon, replicate)
        assert (ended[~without] == 1).mean() > 0.6
        assert not (ended[without] == 1).any()


def test_what_is_offered_is_no_variable(built: Built) -> None:
    selection = TemplateSelection()
    registry = Registry(
        snapshot=built.snapshot,
        selection=selection,
        seed=1,
        built=build_template(built.snapshot, selection),
    )
    assert any(each.family == "cost" for each in registry.variables)
    assert not any("not_offered" in each.name for each in registry.variables)


def disguised(folder: Path, kind: str) -> Path:
    """The case with the same facts said in another way."""
    table = rows()
    for row in table:
        offered = row.pop("av_car") == "1"
        del row["av_bus"], row["av_train"]
        if kind == "gaps" and not offered:
            row["cost_car"] = row["time_car"] = ""
        if kind == "words":
            row["car.available"] = "yes" if offered else "no"
        if kind == "one column":
            row["has_car"] = str(int(offered))
            row["cost_car"] = row["cost_car"] if offered else "NA"
    path = folder / "disguised.csv"
    with path.open("w", newline="") as file:
        sheet = csv.DictWriter(file, list(table[0]))
        sheet.writeheader()
        sheet.writerows(table)
    return path


@pytest.mark.parametrize("kind", ["gaps", "words", "one column"])
def test_availability_in_other_disguises_gives_the_same_estimates(
    tmp_path: Path, built: Built, kind: str
) -> None:
    path = disguised(tmp_path, kind)
    mapping = suggested(path)
    imported = taken(path, mapping, tmp_path)
    assert len(imported.survey) == 3000
    fitted = fit_choices(imported.survey, mapping).coefficients
    assert fitted == pytest.approx(built.snapshot.choice_fit.coefficients, rel=1e-9)


def test_rows_that_contradict_what_was_offered_are_named(tmp_path: Path) -> None:
    lines = CASE.read_text().splitlines()
    lines[1] = "1,car,7,10,25,55,97,20,0,1,1"  # chose a car that was not offered
    lines[2] = "2,car,7,10,25,55,97,20,0,0,0"
    lines[3] = "3,train,7,,25,55,97,20,1,1,1"
    path = tmp_path / "file.csv"
    path.write_text("\n".join(lines))
    imported = taken(path, suggested(CASE), tmp_path)
    assert [(row.row, row.column, row.reason) for row in imported.refused] == [
        (2, "choice", "chose what was not offered"),
        (3, "choice", "could choose nothing: no alternative was offered"),
        (4, "cost_train", "missing value"),
    ]
    assert len(imported.survey) == 2997
    assert len((tmp_path / "refused.csv").read_text().splitlines()) == 4


def test_file_in_which_nothing_was_offered_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(
        CASE.read_text().replace(",1,1,1\n", ",0,0,0\n").replace(",0,1,1\n", ",0,0,0\n")
    )
    with pytest.raises(NoRowsLeft, match="could choose nothing"):
        taken(path, suggested(CASE), tmp_path)
