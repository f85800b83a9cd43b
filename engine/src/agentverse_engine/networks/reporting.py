"""What was drawn: degrees, clustering, assortativity, and how much each grouping sorts it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.html_tables import html_table
from agentverse_engine.networks.csr import Network, group_codes
from agentverse_engine.numerics.compiled import compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMixing:
    """How much one grouping sorts the network."""

    group: str
    same_share: float  # share of links inside a group
    expected_same_share: float  # the same with the degrees kept and the ends shuffled
    assortativity: float  # Newman 2003: 0 by chance, 1 when all links are inside
    odds_ratio: float  # odds of a link inside a group against across groups


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkReport:
    """What was drawn; degree_counts[d] is the number of personas with d neighbours."""

    personas: int
    links: int
    mean_degree: float
    max_degree: int
    isolated_share: float
    degree_counts: tuple[int, ...] = field(repr=False)
    clustering: float  # share of neighbour pairs that are linked themselves (transitivity)
    degree_assortativity: float  # correlation of the degrees at both ends; nan if all are alike
    mixing: tuple[GroupMixing, ...]

    def _repr_html_(self) -> str:
        rows = {
            "personas": f"{self.personas:,}",
            "links": f"{self.links:,}",
            "degree": f"{self.mean_degree:.2f} on average, {self.max_degree} at most",
            "without a neighbour": f"{self.isolated_share:.1%}",
            "clustering": f"{self.clustering:.3f}",
            "degree assortativity": f"{self.degree_assortativity:.3f}",
        }
        for mixing in self.mixing:
            rows[f"links within {mixing.group}"] = (
                f"{mixing.same_share:.1%} ({mixing.expected_same_share:.1%} by chance), "
                f"odds ratio {mixing.odds_ratio:.3g}"
            )
        return html_table("NetworkReport", rows)


def report(network: Network, groups: Mapping[str, ArrayLike]) -> NetworkReport:
    """Describe a network and how much each grouping sorts it.

    groups: int[n], the group of each persona, by name of the grouping. NetworkError: a network of
    nobody, or a grouping that is not one whole number per persona.
    """
    if len(network) == 0:
        raise NetworkError("holds no persona.", field="network", fix="Give at least one persona.")
    degrees = network.degrees()
    triangles, wedges = _closed_wedges(network.indptr, network.indices)
    return NetworkReport(
        personas=len(network),
        links=network.indices.size // 2,
        mean_degree=network.indices.size / len(network),
        max_degree=int(degrees.max()),
        isolated_share=float((degrees == 0).mean()),
        degree_counts=tuple(int(count) for count in np.bincount(degrees)),
        clustering=triangles / wedges if wedges else 0.0,
        degree_assortativity=_degree_assortativity(network),
        mixing=tuple(
            _mixing(network, name, group_codes(name, codes)) for name, codes in groups.items()
        ),
    )


def _mixing(network: Network, name: str, codes: NDArray[np.int64]) -> GroupMixing:
    if codes.size != len(network):
        raise NetworkError(
            f"has {codes.size} codes for {len(network)} personas.",
            field=name,
            fix="Give one code per persona.",
        )
    degrees = network.degrees()
    links = network.indices.size
    _, codes = np.unique(codes, return_inverse=True)
    same = int((np.repeat(codes, degrees) == codes[network.indices]).sum())
    ends = np.bincount(codes, weights=degrees)
    sizes = np.bincount(codes).astype(np.float64)
    expected = float(((ends / links) ** 2).sum()) if links else math.nan
    share = same / links if links else math.nan
    same_pairs = float((sizes * (sizes - 1)).sum())
    cross_pairs = codes.size * (codes.size - 1.0) - same_pairs
    return GroupMixing(
        group=name,
        same_share=share,
        expected_same_share=expected,
        assortativity=(share - expected) / (1 - expected) if expected < 1 else math.nan,
        odds_ratio=_odds_ratio(same, same_pairs, links - same, cross_pairs),
    )


def _degree_assortativity(network: Network) -> float:
    """Return r of Newman (2002), -1 to 1: degree assortativity.

    The correlation over both directions of every link, in whole numbers until the last division.
    """
    degrees = network.degrees()
    end_degrees = degrees[network.indices].astype(np.float64)
    # Sums below 2**53, so exact: the degrees of all neighbours of those with a certain degree.
    neighbour_degrees = np.bincount(np.repeat(degrees, degrees), weights=end_degrees, minlength=1)
    counts = np.bincount(degrees).tolist()
    ends = sum(count * d for d, count in enumerate(counts))
    squares = sum(count * d**2 for d, count in enumerate(counts))
    cubes = sum(count * d**3 for d, count in enumerate(counts))
    products = sum(int(total) * d for d, total in enumerate(neighbour_degrees.tolist()))
    spread = ends * cubes - squares**2
    return (ends * products - squares**2) / spread if spread else math.nan


def _odds_ratio(same: int, same_pairs: float, cross: int, cross_pairs: float) -> float:
    if cross == 0 or same_pairs == 0 or same_pairs == same:
        return math.nan
    return (same / (same_pairs - same)) / (cross / (cross_pairs - cross))


@compiled
def _closed_wedges(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> tuple[int, int]:
    """Count ordered neighbour pairs, and those that are linked, by merging sorted rows."""
    closed = 0
    wedges = 0
    for persona in range(indptr.size - 1):
        degree = indptr[persona + 1] - indptr[persona]
        wedges += degree * (degree - 1)
        for position in range(indptr[persona], indptr[persona + 1]):
            other = indices[position]
            left, right = indptr[persona], indptr[other]
            while left < indptr[persona + 1] and right < indptr[other + 1]:
                if indices[left] == indices[right]:
                    closed += 1
                    left += 1
                    right += 1
                elif indices[left] < indices[right]:
                    left += 1
                else:
                    right += 1
    return closed, wedges
