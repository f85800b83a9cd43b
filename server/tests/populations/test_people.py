"""A population is any table of people: kept columns are typed, and a choice is not needed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from factories.populations import build as build_population
from factories.populations import silent, start_import, upload

from agentverse import populations
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.populations import snapshots
from agentverse.populations.building import Built, build
from agentverse.populations.errors import InvalidMapping, PopulationWithoutChoice, SnapshotDamaged
from agentverse.populations.mapping import check_mapping
from agentverse.populations.schemas import (
    AlternativeMapping,
    CategoryMapping,
    ColumnMapping,
    ImportRequest,
    SynthesisOptions,
)
from agentverse.universe.projects import create_project
from agentverse.universe.schemas import ProjectCreate

PARTIES = ("left", "", "right", "left", "centre")
NEWS = ("often", "never", "sometimes", "often", "NA")
ROWS = [f"{PARTIES[n % 5]},{NEWS[n % 5]},{18 + n % 60},north" for n in range(500)]
PEOPLE = "\n".join(["party,news,age,region", *ROWS]).encode()
MAPPING = ColumnMapping(
    traits=["age"],
    categories=[
        CategoryMapping(column="party"),
        CategoryMapping(column="news", values=["never", "sometimes", "often"], ordered=True),
    ],
)
FEW = SynthesisOptions(personas=500)


def built(folder: Path, mapping: ColumnMapping, data: bytes = PEOPLE) -> Built:
    path = folder / "people.csv"
    path.write_bytes(data)
    request = ImportRequest(mapping=mapping, synthesis=FEW)
    return build(path, request, file_sha256="", source="", progress=silent)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(tmp_path_factory.mktemp("people"), MAPPING)


def test_kept_columns_are_typed_and_gaps_are_no_answer(people: Built) -> None:
    snapshot = people.snapshot
    party, news = snapshot.categories["party"], snapshot.categories["news"]
    assert (party.values, party.ordered) == (("centre", "left", "right"), False)
    assert (news.values, news.ordered) == (("never", "sometimes", "often"), True)
    row = (snapshot.source_line - 2) % 5  # as many personas as rows: each row once
    assert np.array_equal(party.codes, np.array([1, -1, 2, 1, 0])[row])
    assert np.array_equal(news.codes, np.array([2, 0, 1, 2, -1])[row])
    assert set(snapshot.traits) == {"age"}


def test_population_without_a_choice_has_no_model_and_survives_storage(people: Built) -> None:
    snapshot = people.snapshot
    assert (snapshot.model, snapshot.fit) == (None, None)
    data = snapshots.encode(snapshot)
    again = snapshots.decode(data)
    assert snapshots.encode(again) == data
    assert again.digest == snapshot.digest
    with pytest.raises(PopulationWithoutChoice, match="name the column"):
        _ = snapshot.choice_model


def test_kept_categories_are_part_of_the_digest(people: Built) -> None:
    snapshot = people.snapshot
    party = snapshot.categories["party"]
    codes = np.where(np.arange(party.codes.size) == 0, 2, party.codes).astype(np.int16)
    forged = replace(snapshot, categories={"party": replace(party, codes=codes)})
    with pytest.raises(SnapshotDamaged):
        snapshots.decode(snapshots.encode(forged))


def test_report_tells_the_kept_columns_and_no_estimation(people: Built) -> None:
    assert (people.estimation, people.import_report.choice_counts) == (None, {})
    marginals = {each.name: each for each in people.fit.marginals}
    assert marginals["party"].categories == ["centre", "left", "right", "no answer"]
    assert marginals["party"].target == pytest.approx([20, 40, 20, 20])


def test_choice_without_attributes_reproduces_its_shares(tmp_path: Path) -> None:
    alternatives = [AlternativeMapping(value=v, label=v) for v in ("never", "sometimes", "often")]
    mapping = ColumnMapping(choice_column="news", alternatives=alternatives)
    made = built(tmp_path, mapping, PEOPLE.replace(b",NA,", b",never,"))
    utilities = np.exp(made.snapshot.choice_model.constant_vector())
    assert utilities / utilities.sum() == pytest.approx([0.4, 0.2, 0.4], abs=1e-9)


def test_people_without_a_choice_serve_every_template_but_consumer_choice(scope: Scope) -> None:
    population_id = upload(scope, PEOPLE, file_name="people.csv")
    start_import(scope, population_id, ImportRequest(mapping=MAPPING, synthesis=FEW))
    build_population(scope, population_id)

    def project(template: str) -> ProjectCreate:
        return ProjectCreate.model_validate(
            {
                "name": template,
                "goal": "Learn.",
                "population_id": str(population_id),
                "domain_template": template,
            }
        )

    with tenant_session(scope) as db:
        assert create_project(db, project("adoption")).personas == 500
        assert populations.survey_shares(db, population_id) == {}
        with pytest.raises(PopulationWithoutChoice):
            create_project(db, project("consumer_choice"))


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        (ColumnMapping(), "mapping"),
        (ColumnMapping(choice_column="party", traits=["age"]), "mapping.alternatives"),
        (
            ColumnMapping(
                traits=["age"], alternatives=[AlternativeMapping(value="left", label="Left")]
            ),
            "mapping.alternatives",
        ),
        (
            ColumnMapping(traits=["age"], categories=[CategoryMapping(column="age")]),
            "mapping.categories.0",
        ),
    ],
)
def test_mapping_that_contradicts_itself_is_refused(mapping: ColumnMapping, field: str) -> None:
    with pytest.raises(InvalidMapping) as raised:
        check_mapping(mapping, ["party", "news", "age"])
    assert field in [error.field for error in raised.value.errors]
