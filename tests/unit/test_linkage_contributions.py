"""The bits of each comparison: they add up to the weight, whatever the order, and are log2(m / u) with two classes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.linkage.contributions import contributions, prior_weight
from dagster_project.linkage.mixture import Layout, Mixture, indicators

SIZES = (3, 2, 4)
LAYOUT = Layout(
    names=("name", "birth_date", "street"),
    kinds=("given_name", "birth", "address"),
    agreements=tuple(tuple(np.linspace(0, 1, size)) for size in SIZES),
)


def mixture(seed: int, classes: int) -> Mixture:
    generator = np.random.default_rng(seed)
    levels = np.concatenate([generator.dirichlet(np.full(size, 0.3), size=classes) for size in SIZES], axis=1)
    is_match = np.arange(classes) < max(1, classes // 3)
    return Mixture(generator.dirichlet(np.ones(classes)), levels, is_match)


gammas = st.lists(st.tuples(*(st.integers(-1, size - 1) for size in SIZES)), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(gammas, st.integers(0, 1000), st.integers(2, 9))
def test_prior_and_contributions_add_up_to_the_weight(vectors, seed, classes):
    model, rows = mixture(seed, classes), np.array(vectors)
    bits = contributions(model, LAYOUT, rows)
    assert bits.sum(axis=1) + prior_weight(model) == pytest.approx(model.weights(indicators(rows, LAYOUT)), abs=1e-6)
    assert (bits[rows < 0] == 0).all()


@settings(max_examples=30, deadline=None)
@given(gammas, st.integers(0, 1000))
def test_two_classes_give_the_usual_weights(vectors, seed):
    model, rows = mixture(seed, 2), np.array(vectors)
    bits = contributions(model, LAYOUT, rows)
    for column, part in enumerate(LAYOUT.slices()):
        m, u = model.levels[:, part]
        expected = [np.log2(max(m[g], 1e-12) / max(u[g], 1e-12)) if g >= 0 else 0.0 for g in rows[:, column]]
        assert bits[:, column] == pytest.approx(expected, abs=1e-6)


def test_no_comparison_depends_on_its_place():
    model, rows = mixture(7, 6), np.array([[2, 1, 3], [0, 1, 2], [1, -1, 0]])
    turned = [2, 0, 1]
    other_layout = Layout(
        tuple(LAYOUT.names[n] for n in turned),
        tuple(LAYOUT.kinds[n] for n in turned),
        tuple(LAYOUT.agreements[n] for n in turned),
    )
    slices = LAYOUT.slices()
    levels = np.concatenate([model.levels[:, slices[n]] for n in turned], axis=1)
    other = contributions(Mixture(model.prior, levels, model.is_match), other_layout, rows[:, turned])
    assert other == pytest.approx(contributions(model, LAYOUT, rows)[:, turned])


def test_one_fact_told_twice_counts_once():
    """Everybody of a household agrees on surname and street: both together say hardly more than one of them."""
    layout = Layout(("surname", "street"), ("family_name", "address"), ((0.0, 1.0), (0.0, 1.0)))
    unrelated, household, same = [0.999, 0.001] * 2, [0.01, 0.99] * 2, [0.01, 0.99] * 2
    model = Mixture(
        np.array([0.01, 0.01, 0.98]), np.array([same, household, unrelated]), np.array([True, False, False])
    )
    both, one = contributions(model, layout, np.array([[1, 1], [1, -1]]))
    assert both[0] == pytest.approx(both[1])
    assert both.sum() < one[0] + 1
    assert both[0] < one[0] - 2
