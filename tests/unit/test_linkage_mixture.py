"""The mixture finds the classes it is told about, from any seed, and says so when it has nothing to learn from."""

import numpy as np
import pytest

from dagster_project.linkage.comparisons import PERSON
from dagster_project.linkage.mixture import fit, indicators, level_frequencies, non_match_shares, templates
from dagster_project.linkage.model import layout_of

LAYOUT = layout_of(PERSON)


def chance_and_itself():
    """Plausible frequencies of random pairs and of records compared with themselves."""
    chance, itself = np.empty(LAYOUT.width), np.empty(LAYOUT.width)
    for part, agreement in zip(LAYOUT.slices(), LAYOUT.agreements, strict=True):
        levels = np.array(agreement)
        chance[part] = np.where(levels == 1, 0.001, np.where(levels == 0.5, 0.004, 1.0))
        itself[part] = np.where(levels == 1, 1.0, 1e-6)
        chance[part] /= chance[part].sum()
        itself[part] /= itself[part].sum()
    return chance, itself


def draw(seed, pairs=20_000, shares=None):
    """Vectors drawn from the templates: same person, household, same given name only, unrelated."""
    generator = np.random.default_rng(seed)
    chance, itself = chance_and_itself()
    anchors, _ = templates(PERSON, LAYOUT, chance, itself)
    names = [c.name for c in PERSON.classes]
    shares = shares or {"same person": 0.2, "household": 0.2, "same given name only": 0.3, "unrelated": 0.3}
    classes = generator.choice([names.index(n) for n in shares], size=pairs, p=list(shares.values()))
    gammas = np.full((pairs, len(LAYOUT.names)), -1, dtype=np.int64)
    for column, part in enumerate(LAYOUT.slices()):
        for number in np.unique(classes):
            rows = np.flatnonzero(classes == number)
            gammas[rows, column] = generator.choice(part.stop - part.start, size=len(rows), p=anchors[number, part])
        gammas[generator.random(pairs) < 0.2, column] = -1
    return gammas, np.isin(classes, [n for n, c in enumerate(PERSON.classes) if c.is_match]), chance, itself


@pytest.mark.parametrize("seed", range(5))
def test_matches_are_told_from_households_whatever_the_seed(seed):
    gammas, truth, chance, itself = draw(seed)
    rows = indicators(gammas, LAYOUT)
    mixture = fit(PERSON, LAYOUT, rows, np.ones(len(rows)), chance, itself)
    called = mixture.weights(rows) > 0
    assert abs(mixture.prior[mixture.is_match].sum() - truth.mean()) < 0.02
    assert (called & truth).sum() / truth.sum() > 0.98
    assert (called & truth).sum() / called.sum() > 0.98


def test_no_pairs_leave_the_templates():
    chance, itself = chance_and_itself()
    mixture = fit(PERSON, LAYOUT, np.zeros((0, LAYOUT.width)), np.zeros(0), chance, itself)
    anchors, _ = templates(PERSON, LAYOUT, chance, itself)
    assert np.array_equal(mixture.levels, anchors)


def test_without_duplicates_no_pair_is_called_a_match():
    gammas, truth, chance, itself = draw(1, shares={"household": 0.3, "same given name only": 0.4, "unrelated": 0.3})
    assert not truth.any()
    rows = indicators(gammas, LAYOUT)
    mixture = fit(PERSON, LAYOUT, rows, np.ones(len(rows)), chance, itself)
    assert (mixture.weights(rows) > 0).mean() < 0.002


def test_what_a_class_does_not_explain_stays_as_in_random_pairs():
    gammas, _, chance, itself = draw(2)
    rows = indicators(gammas, LAYOUT)
    mixture = fit(PERSON, LAYOUT, rows, np.ones(len(rows)), chance, itself)
    given = LAYOUT.slices()[LAYOUT.names.index("given_name")]
    household = next(n for n, c in enumerate(PERSON.classes) if c.name == "household")
    assert np.array_equal(mixture.levels[household, given], chance[given])


def test_every_distribution_sums_to_one():
    gammas, _, chance, itself = draw(3)
    rows = indicators(gammas, LAYOUT)
    mixture = fit(PERSON, LAYOUT, rows, np.ones(len(rows)), chance, itself)
    for part in LAYOUT.slices():
        assert np.allclose(mixture.levels[:, part].sum(axis=1), 1)
    assert np.isclose(mixture.prior.sum(), 1)


def test_matches_among_random_pairs_are_taken_out():
    gammas, truth, chance, itself = draw(4, shares={"same person": 0.05, "unrelated": 0.95})
    rows = indicators(gammas, LAYOUT)
    counts = np.ones(len(rows))
    seen = level_frequencies(rows, counts, LAYOUT)
    mixture = fit(PERSON, LAYOUT, rows, counts, chance, itself)
    cleaned = level_frequencies(rows, non_match_shares(mixture, rows, counts, seen), LAYOUT)
    birth = LAYOUT.slices()[LAYOUT.names.index("birth_date")].stop - 1
    assert seen[birth] > 20 * chance[birth]
    assert cleaned[birth] < 3 * chance[birth]
    assert truth.any()
