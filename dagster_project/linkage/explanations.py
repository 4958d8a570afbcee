"""What an explanation of linkage consists of, as plain data.

Belongs here: the parts of an explanation and what they mean. Does not belong here: finding them (explain.py), showing them
(commands/explain.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dagster_project.linkage.blocking_evidence import BlockingEvidence

Reason = Literal[
    "evidence", "steward decided match", "only customer with its contact", "different kinds of party",
    "steward decided no match", "conflicting identifiers", "cluster too large", "never proposed", "weight below",
    "customers as a whole", "never judged together", "no model",
]  # fmt: skip


class NothingToExplain(LookupError):
    """The key names no record of the input and no golden ID ever given."""


@dataclass(frozen=True)
class ComparisonEvidence:
    """What one comparison says of a pair: ``level`` in words, ``bits`` it adds to the weight; NULL values, no bits."""

    comparison: str
    value_l: str | None
    value_r: str | None
    level: str
    bits: float


@dataclass(frozen=True)
class Link:
    """One pair on the way through a cluster; the weight is infinite where a steward decided."""

    record_key_l: str
    record_key_r: str
    match_weight: float
    match_rule: str | None


@dataclass(frozen=True)
class Merge:
    """Two groups of a customer's records that became one, and the linkage (bits) at which they did."""

    records_l: tuple[str, ...]
    records_r: tuple[str, ...]
    linkage: float


@dataclass(frozen=True)
class Event:
    """One row of the history of golden IDs."""

    event_seq: int
    run_id: str
    as_of: str
    golden_id: str
    event: str
    record_key: str | None
    other_golden_id: str | None
    cause: str | None


@dataclass(frozen=True)
class PairExplanation:
    """Why two records are one customer, or why not.

    ``prior`` + the bits of the comparisons = ``model_weight``; a rule lifts it to ``match_weight``. ``classes``: what the
    model takes the pair for, most probable first, with their probabilities. ``path``: the strongest chain of pairs from
    one record to the other, by its weakest link, where they are one customer. ``linkage``: of the two groups when they
    merged, or of the two customers when they are apart; None where they were never compared.
    """

    record_key_l: str
    record_key_r: str
    party_type: str
    golden_id_l: str | None
    golden_id_r: str | None
    reason: Reason
    why: str
    prior: float = 0.0
    comparisons: tuple[ComparisonEvidence, ...] = ()
    model_weight: float | None = None
    match_rule: str | None = None
    match_weight: float | None = None
    classes: tuple[tuple[str, bool, float], ...] = ()
    is_conflict: bool = False
    blocking: tuple[BlockingEvidence, ...] = ()
    is_proposed: bool = False
    decision: tuple[str, ...] | None = None
    review_reason: str | None = None
    linkage: float | None = None
    merge: Merge | None = None
    path: tuple[Link, ...] = ()
    history: tuple[Event, ...] = ()

    @property
    def is_together(self) -> bool:
        """Whether the two have one golden ID."""
        return self.golden_id_l is not None and self.golden_id_l == self.golden_id_r


@dataclass(frozen=True)
class CustomerExplanation:
    """Why a golden customer is what it is: its records, how they came together, and its history.

    ``golden_id`` is the ID in force for ``asked_for``; None where its records have left the input. ``links``: the chains
    that hold the records together (a maximum spanning tree of their pairs).
    """

    asked_for: str
    golden_id: str | None
    records: tuple[str, ...]
    merges: tuple[Merge, ...] = ()
    links: tuple[Link, ...] = ()
    history: tuple[Event, ...] = ()
