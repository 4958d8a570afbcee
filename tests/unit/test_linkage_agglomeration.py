"""Judging one component: guards, decisions and independence of the order of records."""

import numpy as np
import pytest

from dagster_project.linkage.agglomeration import LARGEST_CLUSTER, agglomerate

PRIOR = np.log(np.array([0.5, 0.5]))
IS_MATCH = np.array([True, False])


def judge(weight, must=(), cannot=(), conflict=()):
    """Agglomerate one component given by its matrix of weights and pairs of positions."""
    weight = np.asarray(weight, dtype=float)

    def flags(pairs):
        result = np.zeros((1, *weight.shape), dtype=bool)
        for left, right in pairs:
            result[0, left, right] = result[0, right, left] = True
        return result

    return agglomerate(weight[None], None, None, PRIOR, IS_MATCH, flags(must), flags(cannot), flags(conflict))


def alike(size, weight=5.0):
    return np.full((size, size), weight)


def test_all_alike_become_one():
    assert judge(alike(4)).label.tolist() == [[0, 0, 0, 0]]


def test_linkage_is_the_average_not_the_best_pair():
    weight = np.array([[0, 6, 3], [6, 0, -9], [3, -9, 0]])
    assert judge(weight).label.tolist() == [[0, 0, 2]]


def test_cannot_link_holds_transitively():
    """0-1-2-3 hang together; forbidding 0 and 3 leaves no path between them, and the weakest bond gives way."""
    weight = alike(4)
    weight[1, 2] = weight[2, 1] = 1
    label = judge(weight, cannot=[(0, 3)]).label[0]
    assert label[0] != label[3]
    assert label[0] == label[1]
    assert label[2] == label[3]


def test_cannot_link_is_stronger_than_must_link_and_is_reported():
    judgement = judge(alike(2), must=[(0, 1)], cannot=[(0, 1)])
    assert judgement.label.tolist() == [[0, 1]]
    assert judgement.refused == [(0, 0, 1, "contradicting decisions")]


def test_must_link_merges_against_the_evidence_and_a_conflict():
    assert judge(alike(2, -20.0), must=[(0, 1)], conflict=[(0, 1)]).label.tolist() == [[0, 0]]


def test_conflicting_identifiers_stay_apart_whatever_lies_between():
    judgement = judge(alike(3), conflict=[(0, 2)])
    label = judgement.label[0]
    assert label[0] != label[2]
    assert "conflicting identifiers" in {reason for *_, reason in judgement.refused}


def test_too_large_a_cluster_is_split_and_held():
    size = LARGEST_CLUSTER + 10
    judgement = judge(alike(size))
    assert np.bincount(judgement.label[0]).max() <= LARGEST_CLUSTER
    assert judgement.held.all()
    assert {reason for *_, reason in judgement.refused} == {"cluster too large"}


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_records_does_not_matter(seed):
    generator = np.random.default_rng(seed)
    size = 9
    weight = generator.normal(0, 4, (size, size))
    weight = (weight + weight.T) / 2
    order = generator.permutation(size)
    plain = judge(weight).label[0]
    shuffled = judge(weight[np.ix_(order, order)]).label[0]
    together = plain[order][:, None] == plain[order][None, :]
    assert (together == (shuffled[:, None] == shuffled[None, :])).all()


def test_a_batch_gives_what_each_component_gives_alone():
    generator = np.random.default_rng(3)
    weights = generator.normal(0, 4, (6, 5, 5))
    weights = (weights + weights.transpose(0, 2, 1)) / 2
    evidence = generator.normal(0, 2, (6, 5, 5, 3, 2))
    evidence = evidence + evidence.transpose(0, 2, 1, 3, 4)
    none, compared = np.zeros((6, 5, 5), dtype=bool), np.ones((6, 5, 5, 3), dtype=bool)
    batch = agglomerate(weights, evidence, compared, PRIOR, IS_MATCH, none, none, none).label
    for b in range(6):
        one = slice(b, b + 1)
        alone = agglomerate(
            weights[one], evidence[one], compared[one], PRIOR, IS_MATCH, none[one], none[one], none[one]
        )
        assert alone.label[0].tolist() == batch[b].tolist()
