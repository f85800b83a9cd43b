"""The demo data through the ordinary door reproduce the published estimate."""

# pyarrow ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

import hashlib
from pathlib import Path

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from factories.populations import FEW, silent

from agentverse.populations.building import Built, build
from agentverse.populations.datasets import HEATING, source_of
from agentverse.populations.schemas import ImportRequest, SynthesisOptions

# Train & Croissant's first exercise, as printed in the vignette of the R package mlogit 1.0-3;
# constants against the heat pump.
PUBLISHED = {
    "installation_cost": -0.00153315,
    "operating_cost": -0.00699637,
    "asc.ec": 1.65884594,
    "asc.er": 1.85343697,
    "asc.gc": 1.71097930,
    "asc.gr": 0.30826328,
}
LOG_LIKELIHOOD = -1008.23
# Digests are part of the product: the same on every machine and in every version of this code.
GOLDEN_DIGEST = "b27154e71d85ef4bfab545e7cd5c70d2b9a449e721312dd048509cf760a31919"


def built(path: Path, options: SynthesisOptions = FEW) -> Built:
    request = ImportRequest(mapping=HEATING.mapping, synthesis=options)
    return build(path, request, file_sha256="", source="", progress=silent)


@pytest.fixture(scope="module")
def heating() -> Built:
    return built(HEATING.path, SynthesisOptions())


def test_estimate_equals_published_table(heating: Built) -> None:
    estimation = heating.estimation
    assert estimation is not None
    estimated = {each.name: each.estimate for each in estimation.coefficients}
    assert estimated == pytest.approx(PUBLISHED, abs=5e-8)
    assert estimation.log_likelihood == pytest.approx(LOG_LIKELIHOOD, abs=0.01)
    assert estimation.reference_alternative == "hp"
    assert estimation.observations == 900
    assert all(each.standard_error > 0 for each in estimation.coefficients)


def test_model_of_personas_is_the_estimate(heating: Built) -> None:
    model = heating.snapshot.choice_model
    fitted = heating.snapshot.choice_fit.coefficients
    assert model.alternatives == ("ec", "er", "gc", "gr", "hp")
    assert model.coefficients["operating_cost"] == fitted["operating_cost"]
    assert model.constants["gc"] == fitted["asc.gc"]
    assert "hp" not in model.constants
    assert heating.snapshot.choice_fit.covariance.shape == (6, 6)


def test_digest_is_golden(heating: Built) -> None:
    assert len(heating.snapshot.population) == 100_000
    assert heating.snapshot.digest == GOLDEN_DIGEST


def test_personas_fit_the_survey(heating: Built) -> None:
    marginals = {marginal.name: marginal for marginal in heating.fit.marginals}
    assert set(marginals) == {"choice", "region", "segment", "agehed", "income", "rooms"}
    for marginal in marginals.values():
        assert sum(marginal.target) == pytest.approx(100)
        assert marginal.achieved == pytest.approx(marginal.target, abs=0.1)
    assert marginals["choice"].categories[2] == "central gas"
    assert marginals["choice"].target[2] == pytest.approx(100 * 573 / 900)
    assert heating.fit.total_absolute_error < 200


def test_persona_keeps_the_row_it_was_made_of(heating: Built) -> None:
    table = pacsv.read_csv(HEATING.path)
    rows = heating.snapshot.source_line - 2  # line 1 is the header
    costs = np.asarray(table["ic.hp"])[rows]
    assert np.array_equal(heating.snapshot.population.attributes["installation_cost.hp"], costs)
    assert np.array_equal(heating.snapshot.traits["agehed"], np.asarray(table["agehed"])[rows])


def test_network_prefers_the_same_region_and_segment(heating: Built) -> None:
    network = heating.network
    assert network.edges == 500_000
    assert network.mean_degree == 10.0
    assert sum(network.degree_histogram) == 100_000
    assert network.region_assortativity is not None
    assert network.segment_assortativity is not None
    assert network.region_assortativity > 0.3
    assert network.segment_assortativity > 0.2


def test_parquet_gives_the_digest_of_csv(tmp_path: Path) -> None:
    path = tmp_path / "heating.parquet"
    pq.write_table(pacsv.read_csv(HEATING.path), path)
    assert built(path).snapshot.digest == built(HEATING.path).snapshot.digest


def test_other_seed_gives_other_digest() -> None:
    changed = SynthesisOptions(personas=1_000, seed=21)
    assert built(HEATING.path, changed).snapshot.digest != built(HEATING.path).snapshot.digest


def test_shipped_file_is_the_one_its_source_names() -> None:
    sha256 = hashlib.sha256(HEATING.path.read_bytes()).hexdigest()
    assert sha256 == HEATING.sha256
    assert sha256 in (HEATING.path.parent / "heating.md").read_text(encoding="utf-8")
    assert source_of(sha256) == HEATING.source
