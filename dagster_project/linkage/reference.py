"""Reference statistics: what the linker knows of the whole of its records, frozen with the model.

Belongs here: the statistics as data, their digest, reading and writing them. Does not belong here: measuring them (``records``
and ``blocking`` do, when a model is trained) or using them.

How rare a name is, which blocks are small enough to be compared and how many names a shared phone may have depend on all
records together. Were they measured anew in every run, one new record could change any pair. Frozen, they make linkage local:
what becomes of a set of records that nothing connects with the others does not depend on the others. That is why an increment
(``incremental``) ends where a full run ends. They age with the model and are measured anew when it is trained.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

FILE_NAME = "linkage_reference.json"


@dataclass(frozen=True)
class PartyReference:
    """Statistics of the records of one party type at the time of training."""

    records: int
    """Number of records; how many names may share a value depends on it."""
    largest_blocks: dict[str, int] = field(default_factory=dict)
    """Blocking rule -> members of the largest block that it uses."""
    one_weak_rule: bool = True
    """Whether a single weak rule is enough to propose a pair."""
    frequent_values: dict[str, dict[str, int]] = field(default_factory=dict)
    """Banded column -> hash of the value -> frequency band; a value that is not listed is in the rarest band."""

    def summary(self) -> dict[str, Any]:
        """All but the values, and their digest in their place: what the model's file shows."""
        return {
            "records": self.records,
            "one_weak_rule": self.one_weak_rule,
            "largest_blocks": self.largest_blocks,
            "frequent_values": {column: len(values) for column, values in sorted(self.frequent_values.items())},
            "frequent_values_digest": _digest(self.frequent_values),
        }

    @property
    def digest(self) -> str:
        """Hash of all statistics."""
        return _digest(self.summary())

    @classmethod
    def from_summary(cls, summary: dict[str, Any], frequent_values: dict[str, dict[str, int]]) -> PartyReference:
        """Read ``summary``. Raises ValueError when the values are not those that it was written with."""
        if summary["frequent_values_digest"] != _digest(frequent_values):
            raise ValueError(f"{FILE_NAME} does not belong to the saved model: train again")
        return cls(summary["records"], summary["largest_blocks"], summary["one_weak_rule"], frequent_values)


def value_hash(expression: str) -> str:
    """SQL: the hash under which a value stands in ``frequent_values``, so that no file holds names."""
    return f"substr(md5({expression}), 1, 16)"


def _digest(data: Any) -> str:  # noqa: ANN401 - any JSON
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
