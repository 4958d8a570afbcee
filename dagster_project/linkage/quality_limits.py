"""Whether the quality of a linkage run is good enough to be published: its measures against limits that are data.

Belongs here: what a limit means, which runs are compared, and the message to the one who must act. Does not belong here:
the measures (quality_measures.py) and the limits themselves (seed linkage_quality_limits).

A run is compared with the newest earlier run that was within the limits, so that a bad run does not become the measure of
the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.warehouse import table_exists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

LIMITS_TABLE = "reference.linkage_quality_limits"
WITHIN_LIMITS = "within_limits"


@dataclass(frozen=True)
class Limit:
    """One limit of one measure. ``kind``: lowest, highest (of the value itself), fall, rise (against the run before),
    relative_fall, relative_rise (the same as a share of the value before)."""

    measure: str
    kind: str
    value: float
    description: str


@dataclass(frozen=True)
class BrokenLimit:
    """A limit that a run does not keep; ``before`` is None for a limit of the value itself."""

    limit: Limit
    now: float
    before: float | None

    def __str__(self) -> str:
        """What happened and what to do, for the one who runs the pipeline."""
        limit, allowed = self.limit, f"{self.limit.value:g}"
        if self.before is None:
            what = f"{limit.measure} is {self.now:.4g}; its {limit.kind} allowed value is {allowed}."
        else:
            direction = "fell" if limit.kind.endswith("fall") else "rose"
            by = f"{limit.value:.0%} of the value before" if limit.kind.startswith("relative") else allowed
            what = f"{limit.measure} {direction} from {self.before:.4g} to {self.now:.4g}; at most {by} is allowed."
        return f"{what} {limit.description}"


def read_limits(con: DuckDBPyConnection, limits: str = LIMITS_TABLE) -> list[Limit]:
    """The limits, by measure and kind; none where the table is not there yet."""
    schema, _, table = limits.rpartition(".")
    if not table_exists(con, schema, table):
        return []
    rows = con.execute(f"select measure, limit_kind, value::double, description from {limits} order by 1, 2").fetchall()
    return [Limit(*row) for row in rows]


def broken_limits(limits: list[Limit], now: Mapping[str, float], before: Mapping[str, float]) -> list[BrokenLimit]:
    """Limits that the measures ``now`` do not keep. Limits of a change need the measure in both runs; a measure that a
    run does not have breaks nothing. Raises ValueError for an unknown kind of limit."""
    broken = []
    for limit in limits:
        value, old = now.get(limit.measure), before.get(limit.measure)
        if limit.kind in ("lowest", "highest"):
            if value is not None and (value < limit.value if limit.kind == "lowest" else value > limit.value):
                broken.append(BrokenLimit(limit, value, None))
        elif limit.kind in ("fall", "rise", "relative_fall", "relative_rise"):
            if value is None or old is None:
                continue
            change = old - value if limit.kind.endswith("fall") else value - old
            allowed = limit.value * abs(old) if limit.kind.startswith("relative") else limit.value
            if change > allowed:
                broken.append(BrokenLimit(limit, value, old))
        else:
            raise ValueError(f"linkage_quality_limits: {limit.measure} has the unknown limit kind {limit.kind!r}")
    return broken


def measures_of_run(con: DuckDBPyConnection, run_id: str, quality: str) -> dict[str, float]:
    """The stored measures of a run."""
    return dict(con.execute(f"select measure, value from {quality} where run_id = ?", [run_id]).fetchall())


def latest_run(con: DuckDBPyConnection, quality: str) -> str | None:
    """The run whose measures were stored last."""
    row = con.execute(f"select run_id from {quality} order by rowid desc limit 1").fetchone()
    return row[0] if row else None


def judge_run(con: DuckDBPyConnection, run_id: str, quality: str, limits: str = LIMITS_TABLE) -> list[BrokenLimit]:
    """The limits that a stored run breaks, compared with the newest other run that was within them."""
    accepted = con.execute(
        f"select run_id from {quality} where measure = ? and value = 1 and run_id <> ? order by rowid desc limit 1",
        [WITHIN_LIMITS, run_id],
    ).fetchone()
    before = measures_of_run(con, accepted[0], quality) if accepted else {}
    return broken_limits(read_limits(con, limits), measures_of_run(con, run_id, quality), before)
