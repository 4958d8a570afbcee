"""The statistical model of pairs: an anchored mixture of latent classes over comparison vectors.

Belongs here: templates, expectation maximisation and match weights, as pure functions of arrays. Does not belong here:
SQL, Splink, files.

A two-class model (match, non-match) adds up surname, street and phone as if they were independent. Within a household
they are one fact. The mixture names the ways in which two records come to look alike (see ``comparisons.PairClass``);
given the class, comparisons are independent, and the evidence for a match is

    weight = log2( sum over match classes of prior * likelihood / sum over the other classes of prior * likelihood )

Every class is anchored: a Dirichlet prior on its template keeps it from drifting into another role, levels that a class
by definition does not explain are frozen at the frequencies of random pairs, and wherever a class says that two records show
one and the same value (twins: the birth date; father and son of one name: the name) it shares the distribution of levels
with all other classes that say so, because a value is damaged in recording alike whoever it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dagster_project.linkage.comparisons import Kind, Party

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# How many pairs the template of a class counts for, beside the pairs in the sample.
TEMPLATE_PAIRS = 100.0
PRIOR_PAIRS = 10.0
# Share of agreeing pairs among records of one thing: equal, near, different.
SAME_SHARES = (0.86, 0.10, 0.04)
MOVED_STAYS = 0.1
MIXED_SAME = 0.5
DERIVED_NEAR = 0.1
# Iterations in which only the shares of the classes are learned, so that each class starts from its own pairs.
WARM_UP = 10
SMALLEST = 1e-12


@dataclass(frozen=True)
class Layout:
    """Where the levels of each comparison stand in a flat vector of levels (gamma 0 first)."""

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    agreements: tuple[tuple[float, ...], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of levels of each comparison, null left out."""
        return tuple(len(a) for a in self.agreements)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Position of each comparison's level 0."""
        return tuple(int(x) for x in np.concatenate([[0], np.cumsum(self.sizes)[:-1]]))

    @property
    def width(self) -> int:
        """Number of levels of all comparisons."""
        return sum(self.sizes)

    def slices(self) -> list[slice]:
        """The flat positions of each comparison."""
        return [slice(o, o + s) for o, s in zip(self.offsets, self.sizes, strict=True)]


@dataclass(frozen=True)
class Mixture:
    """Learned parameters: ``prior`` (classes), ``levels`` (classes x flat levels), ``is_match`` (classes)."""

    prior: Floats
    levels: Floats
    is_match: NDArray[np.bool_]

    def class_log_likelihood(self, indicators: Floats) -> Floats:
        """Natural log of prior times likelihood, pairs x classes, for indicator rows (see ``indicators``)."""
        return indicators @ np.log(np.maximum(self.levels, SMALLEST)).T + np.log(np.maximum(self.prior, SMALLEST))

    def weights(self, indicators: Floats) -> Floats:
        """Match weight in bits of each indicator row."""
        return weights_from_classes(self.class_log_likelihood(indicators), self.is_match)

    def weights_of_vectors(self, gammas: Integers, layout: Layout) -> Floats:
        """Match weight in bits of each comparison vector (vectors x comparisons, -1 for a null comparison).

        The same as ``weights`` up to the last bit, which here does not depend on what other vectors are weighed along: a
        matrix product adds up in another order for another number of rows, and a pair scored by itself must weigh what it
        weighs among all.
        """
        logs = np.log(np.maximum(self.levels, SMALLEST)).T
        total = np.repeat(np.log(np.maximum(self.prior, SMALLEST))[None, :], len(gammas), axis=0)
        for column, offset in enumerate(layout.offsets):
            known = gammas[:, column] >= 0
            total[known] += logs[offset + gammas[known, column]]
        return weights_from_classes(total, self.is_match)


def weights_from_classes(log_likelihood: Floats, is_match: NDArray[np.bool_]) -> Floats:
    """Match weight in bits from natural-log class likelihoods (last axis: classes)."""
    return (_log_sum(log_likelihood[..., is_match]) - _log_sum(log_likelihood[..., ~is_match])) / np.log(2)


def _log_sum(values: Floats) -> Floats:
    # One class after the other, so that the last bit of a row does not depend on the shape of the whole array.
    top = values.max(axis=-1)
    total = np.zeros_like(top)
    for k in range(values.shape[-1]):
        total += np.exp(values[..., k] - top)
    return top + np.log(total)


def indicators(gammas: Integers, layout: Layout) -> Floats:
    """One row per vector with a 1 at each comparison's level; a null comparison (gamma -1) leaves zeros."""
    result = np.zeros((len(gammas), layout.width))
    for column, offset in enumerate(layout.offsets):
        rows = np.flatnonzero(gammas[:, column] >= 0)
        result[rows, offset + gammas[rows, column]] = 1.0
    return result


def level_frequencies(rows: Floats, counts: Floats, layout: Layout, pseudo: float = 0.5) -> Floats:
    """Share of each level among non-null pairs.

    ``pseudo`` pairs are added to every level (a half, after Jeffreys), so that one never seen is rare and not impossible.
    """
    totals = counts @ rows
    result = np.empty(layout.width)
    for part in layout.slices():
        smoothed = totals[part] + pseudo
        result[part] = smoothed / smoothed.sum()
    return result


def templates(party: Party, layout: Layout, chance: Floats, itself: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Starting distributions (classes x levels) and which of them are frozen.

    ``chance``: levels of random pairs. ``itself``: levels of records compared with themselves, which tells how agreement
    is spread over the frequency bands when two records describe one thing.
    """
    anchors = np.empty((len(party.classes), layout.width))
    frozen = np.zeros((len(party.classes), layout.width), dtype=bool)
    for part, kind, agreement in zip(layout.slices(), layout.kinds, layout.agreements, strict=True):
        same, coincidence = _same(np.array(agreement), itself[part]), _coincidence(np.array(agreement), chance[part])
        for number, pair_class in enumerate(party.classes):
            behaviour = pair_class.behaviour(kind)
            if behaviour == "same":
                anchors[number, part] = same
            elif behaviour == "moved":
                anchors[number, part] = MOVED_STAYS * same + (1 - MOVED_STAYS) * chance[part]
            elif behaviour == "mixed":
                anchors[number, part] = MIXED_SAME * same + (1 - MIXED_SAME) * chance[part]
            elif behaviour == "derived":
                anchors[number, part] = _derived(np.array(agreement), chance[part])
            elif behaviour == "coincidence":
                anchors[number, part] = coincidence
            else:
                anchors[number, part] = chance[part]
                frozen[number, part] = behaviour == "chance"
    return anchors, frozen


def _same(agreement: Floats, itself: Floats) -> Floats:
    equal, near, different = agreement == 1, agreement == 0.5, agreement == 0
    result = np.zeros(len(agreement))
    result[equal] = SAME_SHARES[0] * itself[equal] / itself[equal].sum()
    result[different] = SAME_SHARES[2] / different.sum()
    if near.any():
        result[near] = SAME_SHARES[1] / near.sum()
    return result / result.sum()


def _coincidence(agreement: Floats, chance: Floats) -> Floats:
    weighted = chance * np.where(agreement == 1, 1.0, np.where(agreement == 0.5, 0.1, 0.0)) + 1e-3 * chance
    return weighted / weighted.sum()


def _derived(agreement: Floats, chance: Floats) -> Floats:
    near = (agreement == 0.5).astype(float)
    return chance if not near.any() else (1 - DERIVED_NEAR) * chance + DERIVED_NEAR * near / near.sum()


def fit(
    party: Party,
    layout: Layout,
    rows: Floats,
    counts: Floats,
    chance: Floats,
    itself: Floats,
    *,
    background: float = 0.0,
    records_per_pair: float = 0.0,
    start: Mixture | None = None,
    iterations: int = 150,
    tolerance: float = 5e-4,
) -> Mixture:
    """Learn the mixture from candidate pairs (``rows``: distinct indicator rows, ``counts``: pairs of each).

    Expectation maximisation with Dirichlet priors (Dempster, Laird & Rubin 1977, maximum a posteriori form); stops when
    no level changes by more than ``tolerance``. ``start`` continues from an earlier fit. With no pairs at all the
    templates themselves are the model.
    """
    anchors, frozen = templates(party, layout, chance, itself)
    is_match = np.array([c.is_match for c in party.classes])
    levels = anchors.copy()
    prior = np.array([c.start for c in party.classes])
    prior /= prior.sum()
    prior_anchor = PRIOR_PAIRS * prior
    unrelated = np.array([all(c.behaviour(kind) == "chance" for kind in layout.kinds) for c in party.classes])
    most = np.array([np.inf if c.most is None else c.most for c in party.classes])
    if start is not None:
        levels, prior = np.where(frozen, anchors, start.levels), start.prior
    for iteration in range(iterations if len(rows) else 0):
        posterior = Mixture(prior, levels, is_match).class_log_likelihood(rows)
        posterior = np.exp(posterior - posterior.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
        weighted = posterior * counts[:, None]
        expected = weighted.T @ rows
        share = weighted.sum(axis=0)
        prior = (share + prior_anchor) / (counts.sum() + prior_anchor.sum())
        prior[unrelated] = np.maximum(prior[unrelated], background)
        prior = np.minimum(prior, most * (records_per_pair + 2 * prior[is_match].sum()))
        if start is None and iteration < WARM_UP:
            continue
        updated = levels.copy()
        for part, kind in zip(layout.slices(), layout.kinds, strict=True):
            seen = expected[:, part].copy()
            tied = np.array([c.behaviour(kind) == "same" for c in party.classes])
            seen[tied] = seen[tied].sum(axis=0)
            raised = seen + TEMPLATE_PAIRS * anchors[:, part]
            updated[:, part] = raised / raised.sum(axis=1, keepdims=True)
        updated[frozen] = anchors[frozen]
        change = np.abs(updated - levels).max()
        levels = updated
        if change < tolerance:
            break
    return Mixture(prior, levels, is_match)


def non_match_shares(mixture: Mixture, rows: Floats, counts: Floats, chance: Floats) -> Floats:
    """Probability that each random pair is not a match, the share of matches among random pairs being learned.

    Small data with many duplicates has matches among its random pairs; without this they would make every agreement
    look frequent by chance.
    """
    match_prior = mixture.prior[mixture.is_match] / mixture.prior[mixture.is_match].sum()
    matches = _log_sum(rows @ np.log(np.maximum(mixture.levels[mixture.is_match], SMALLEST)).T + np.log(match_prior))
    others = rows @ np.log(np.maximum(chance, SMALLEST))
    share = 1e-3
    probability = np.zeros(len(rows))
    for _ in range(50):
        odds = np.clip(matches - others + np.log(share) - np.log1p(-share), -700, 700)
        probability = 1 / (1 + np.exp(-odds))
        share = float(np.clip((probability @ counts) / counts.sum(), 1e-9, 0.5))
    return 1 - probability
