"""Judging components: average-type agglomeration with guards, as a pure function of one component's rows.

Belongs here: which records of a component end up together, and which merges are refused. Does not belong here: SQL, finding
components, naming clusters (``clustering``).

Components of one size are judged together in one batch of arrays, which changes nothing in the result of each: an engine
that hands over one component at a time calls the same function with a batch of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.guards import read_guards
from dagster_project.linkage.mixture import weights_from_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# Clusters merge while their linkage is above this (bits). Zero is the point where the model holds both outcomes for equally
# likely; it is not tuned.
THRESHOLD = 0.0
LARGEST_CLUSTER = read_guards().largest_cluster


@dataclass(frozen=True)
class Judgement:
    """Result for a batch of components: ``label`` (components x records, the smallest position in the cluster), ``held``
    (components x records), refused merges as (component, position, position, reason), ``linkage`` in bits of the clusters
    in the end (components x records x records, at their smallest positions), and the merges in their order, each as
    (components, positions kept, positions absorbed, linkage; infinite where a steward decided)."""

    label: NDArray[np.int64]
    held: Flags
    refused: list[tuple[int, int, int, str]]
    linkage: Floats
    merges: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Floats]]


def agglomerate(
    weight: Floats,
    evidence: Floats | None,
    compared: Flags | None,
    class_prior: Floats,
    is_match: Flags,
    must: Flags,
    cannot: Flags,
    conflict: Flags,
    largest_cluster: int | None = LARGEST_CLUSTER,
) -> Judgement:
    """Merge the closest clusters first, while their linkage is above ``THRESHOLD`` and no guard forbids it.

    Shapes for B components of n records, F comparisons, C classes: ``weight`` B,n,n (bits); ``evidence`` B,n,n,F,C natural-log
    likelihood of each comparison, 0 where ``compared`` B,n,n,F is false; ``must``, ``cannot`` (decisions of stewards) and
    ``conflict`` (two valid identifiers that differ) B,n,n; all symmetric. ``class_prior`` C: natural log.

    Linkage of two clusters = half the mean pair weight, half the weight of the comparisons' mean log-likelihoods over the
    pairs in which each was possible: a field that is missing in most pairs still counts once. Without ``evidence`` the
    mean pair weight alone. Ties go to the smallest positions. A steward's must-link merges before all else, against a
    conflict too; a cannot-link is never overruled. ``largest_cluster``: records a cluster may have, None for any number.
    """
    batch, size = weight.shape[:2]
    total = weight.copy()
    pairs = np.ones((batch, size, size))
    state = _State(
        total,
        pairs,
        None if evidence is None else evidence.copy(),
        None if compared is None else compared.astype(np.float64),
        class_prior,
        is_match,
    )
    must, cannot, conflict = must.copy(), cannot.copy(), conflict.copy()
    members = np.ones((batch, size), dtype=np.int64)
    alive = np.ones((batch, size), dtype=bool)
    label = np.tile(np.arange(size), (batch, 1))
    linkage = np.stack([state.linkage_of(np.arange(batch), np.full(batch, k)) for k in range(size)], axis=1)
    diagonal = np.arange(size)
    open_components = np.arange(batch)
    merges = []
    while len(open_components):
        b = open_components
        allowed = linkage[b].copy()
        allowed[conflict[b]] = -np.inf
        if largest_cluster is not None:
            allowed[members[b][:, :, None] + members[b][:, None, :] > largest_cluster] = -np.inf
        allowed[must[b]] = np.inf
        allowed[cannot[b]] = -np.inf
        allowed[~(alive[b][:, :, None] & alive[b][:, None, :])] = -np.inf
        allowed[:, diagonal, diagonal] = -np.inf
        flat = allowed.reshape(len(b), -1)
        best = flat.argmax(axis=1)
        closest = flat[np.arange(len(b)), best]
        going = closest > THRESHOLD
        open_components, best = b[going], best[going]
        if not len(open_components):
            break
        b, keep, drop = open_components, best // size, best % size
        keep, drop = np.minimum(keep, drop), np.maximum(keep, drop)
        merges.append((b, keep, drop, closest[going]))
        state.merge(b, keep, drop)
        for flags in (must, cannot, conflict):
            flags[b, keep, :] |= flags[b, drop, :]
            flags[b, :, keep] |= flags[b, :, drop]
        members[b, keep] += members[b, drop]
        alive[b, drop] = False
        rows = label[b]
        rows[rows == drop[:, None]] = np.broadcast_to(keep[:, None], rows.shape)[rows == drop[:, None]]
        label[b] = rows
        fresh = state.linkage_of(b, keep)
        linkage[b, keep, :] = fresh
        linkage[b, :, keep] = fresh
    held, refused = _refusals(linkage, alive, label, must, cannot, conflict, weight)
    return Judgement(label, held, refused, linkage, merges)


@dataclass
class _State:
    """Sums over the pairs between clusters, kept under merging."""

    total: Floats
    pairs: Floats
    evidence: Floats | None
    compared: Floats | None
    class_prior: Floats
    is_match: Flags

    def merge(self, b: NDArray[np.int64], keep: NDArray[np.int64], drop: NDArray[np.int64]) -> None:
        for sums in (self.total, self.pairs, self.evidence, self.compared):
            if sums is not None:
                sums[b, keep, :] += sums[b, drop, :]
                sums[b, :, keep] += sums[b, :, drop]

    def linkage_of(self, b: NDArray[np.int64], row: NDArray[np.int64]) -> Floats:
        mean_weight = self.total[b, row] / self.pairs[b, row]
        if self.evidence is None or self.compared is None:
            return mean_weight
        mean = self.evidence[b, row] / np.maximum(self.compared[b, row], 1.0)[..., None]
        pooled = weights_from_classes(mean.sum(axis=-2) + self.class_prior, self.is_match)
        return (mean_weight + pooled) / 2


def _refusals(
    linkage: Floats,
    alive: Flags,
    label: NDArray[np.int64],
    must: Flags,
    cannot: Flags,
    conflict: Flags,
    weight: Floats,
) -> tuple[Flags, list[tuple[int, int, int, str]]]:
    """Collect the merges the evidence asked for and a guard refused; the records of too large clusters are held."""
    held = np.zeros(label.shape, dtype=bool)
    refused: list[tuple[int, int, int, str]] = []
    pending = (linkage > THRESHOLD) | must
    pending &= alive[:, :, None] & alive[:, None, :]
    pending &= np.triu(np.ones(linkage.shape[1:], dtype=bool), 1)
    for b, left, right in np.argwhere(pending):
        in_left, in_right = np.flatnonzero(label[b] == left), np.flatnonzero(label[b] == right)
        if cannot[b, left, right]:
            if not must[b, left, right]:
                continue  # the steward has already decided
            reason = "contradicting decisions"
        elif conflict[b, left, right]:
            reason = "conflicting identifiers"
        else:
            reason = "cluster too large"
            held[b, in_left] = held[b, in_right] = True
        block = weight[b][np.ix_(in_left, in_right)]
        row, column = np.unravel_index(int(block.argmax()), block.shape)
        refused.append((int(b), int(in_left[row]), int(in_right[column]), reason))
    return held, refused
