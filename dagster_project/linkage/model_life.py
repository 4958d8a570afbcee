"""The life of models: what data a model was trained on, what it would change, whether it is in force.

Belongs here: the profile of the data, the comparison of a new model's customers with those of the model in force, holding and
approving models, ``linkage.model_history``. Does not belong here: learning (``training``), the model as data (``model``).

A model is held when it would put more than a set share of the records into another customer: golden IDs would be kept, but
many customers would look different the next morning, and a person should want that. A held model is saved and does nothing.

``linkage.model_history`` has one row per model version: ``status`` is ``in force``, ``held`` or ``replaced``; ``sequence`` orders
the models by when they last came into force or were held.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.linkage.clustering import cluster
from dagster_project.linkage.comparisons import PARTIES
from dagster_project.linkage.evaluation import pairwise_metrics
from dagster_project.linkage.records import INPUT_COLUMNS
from dagster_project.linkage.scoring import score_pairs
from dagster_project.warehouse import quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.model import LinkageModel

HISTORY = "linkage.model_history"
CURRENT = "current"
IN_FORCE, HELD, REPLACED = "in force", "held", "replaced"
PROFILE_FILE = "data_profile.json"


class ModelError(ValueError):
    """A model cannot be put in force; the message says why and what to do."""


@dataclass(frozen=True)
class ModelComparison:
    """What becomes of the customers of one clustering in another, over the records that are in both.

    Every customer is counted once: kept whole and alone; merged, whole with records of others; split, into parts that are all
    its own; moved, some of its records to others and some not.
    """

    customers: int
    customers_after: int
    customers_kept: int
    customers_merged: int
    customers_split: int
    customers_moved: int
    records: int
    records_changed: int
    """Records whose customer does not consist of the same records any more."""

    @property
    def changed_share(self) -> float:
        """Share of the records whose customer changes; 0 where there is nothing to compare."""
        return self.records_changed / self.records if self.records else 0.0


def compare_clusters(con: DuckDBPyConnection, before: str, after: str) -> ModelComparison:
    """Compare two relations of ``record_key``, ``cluster_id``, one row per record each."""
    row = con.execute(f"""
        with both_of as (
            select b.record_key, b.cluster_id as old, a.cluster_id as new
            from {before} as b inner join {after} as a on b.record_key = a.record_key
        ),

        part as (select old, new, count(*) as records from both_of group by all),

        sized as (
            select
                *, sum(records) over (partition by old) as old_size, sum(records) over (partition by new) as new_size
            from part
        ),

        customer as (
            select
                old, any_value(old_size) as records, count(*) as parts,
                bool_and(new_size = records) as is_all_its_own
            from sized group by old
        )

        select
            count(*), (select count(distinct new) from part),
            count(*) filter (parts = 1 and is_all_its_own),
            count(*) filter (parts = 1 and not is_all_its_own),
            count(*) filter (parts > 1 and is_all_its_own),
            count(*) filter (parts > 1 and not is_all_its_own),
            coalesce(sum(records), 0)::bigint,
            coalesce(sum(records) filter (not (parts = 1 and is_all_its_own)), 0)::bigint
        from customer
    """).fetchone()
    assert row is not None
    return ModelComparison(*row)


def data_profile(con: DuckDBPyConnection, records: str = "standardized.std_customer_records") -> dict[str, Any]:
    """Counts of the data a model is trained on: records per source; fill share and distinct values per column."""
    present = {row[0] for row in con.execute(f"describe select * from {records}").fetchall()}
    columns = [column for column in (*INPUT_COLUMNS, "birth_date") if column in present]
    counted = ", ".join(f"count({column}), count(distinct {column})" for column in columns)
    total, *counts = con.execute(f"select count(*){', ' + counted if counted else ''} from {records}").fetchall()[0]
    sources = con.execute(
        f"select split_part(record_key, ':', 1) as source, count(*) from {records} group by all order by all"
    ).fetchall()
    return {
        "records": total,
        "records_by_source": dict(sources),
        "columns": {
            column: {
                "fill_share": round(counts[2 * n] / total, 6) if total else 0.0,
                "distinct_values": counts[2 * n + 1],
            }
            for n, column in enumerate(columns)
        },
    }


@dataclass(frozen=True)
class Trial:
    """A model applied to the records at hand, beside the clusters in force."""

    comparison: ModelComparison
    accuracy: dict[str, float]
    """``estimated_precision`` and ``estimated_recall``, ``measured_precision`` and ``measured_recall`` where a truth is known."""


def try_model(
    con: DuckDBPyConnection,
    model: LinkageModel,
    *,
    records: str = "standardized.std_customer_records",
    decisions: str | None = None,
    before: str | None = "linkage.clusters",
    known: LinkageModel | None = None,
    truth: Path | None = None,
) -> Trial:
    """Link the records with the model into tables that are dropped again, and compare.

    ``before``: the clusters in force, None where there are none. ``known``: the model they were made with; records of a party
    type that it does not know are left out of the comparison. ``truth``: a Parquet file of record_key, entity_id.

    Estimated by the model itself: of the pairs within customers, the mean probability that they match; of all candidate
    matches, by probability, the share that is within customers.
    """
    pairs, clusters, review = (f"linkage.trial_{name}" for name in ("pairs", "clusters", "review"))
    try:
        score_pairs(con, model, records, pairs, progress=lambda _: None)
        cluster(con, model, records, pairs, decisions, clusters, review, progress=lambda _: None)
        comparison = ModelComparison(0, 0, 0, 0, 0, 0, 0, 0)
        if before is not None:
            unknown = [p.party_type for p in PARTIES if known is not None and known.party(p.party_type) is None]
            listed = ", ".join(map(quote_literal, unknown))
            left_out = (
                f"anti join (from {records} where party_type in ({listed})) using (record_key)" if unknown else ""
            )
            comparison = compare_clusters(con, before, f"(from {clusters} {left_out})")
        accuracy = _estimated(con, pairs, clusters)
        if truth is not None and truth.is_file():
            accuracy |= _measured(con, clusters, truth)
    finally:
        for table in (pairs, clusters, review):
            con.execute(f"drop table if exists {table}")
    return Trial(comparison, accuracy)


def _estimated(con: DuckDBPyConnection, pairs: str, clusters: str) -> dict[str, float]:
    row = con.execute(f"""
        select
            avg(p.match_probability) filter (a.cluster_id = b.cluster_id),
            sum(p.match_probability) filter (a.cluster_id = b.cluster_id) / nullif(sum(p.match_probability), 0)
        from {pairs} as p
        inner join {clusters} as a on p.record_key_l = a.record_key
        inner join {clusters} as b on p.record_key_r = b.record_key
    """).fetchone() or (None, None)
    names = ("estimated_precision", "estimated_recall")
    return {name: value for name, value in zip(names, row, strict=True) if value is not None}


def _measured(con: DuckDBPyConnection, clusters: str, truth: Path) -> dict[str, float]:
    con.execute(
        f"create or replace temp view trial_truth as select record_key, entity_id from read_parquet({quote_literal(str(truth))})"
    )
    if not con.execute(f"select 1 from {clusters} semi join trial_truth using (record_key) limit 1").fetchone():
        return {}
    found = pairwise_metrics(con, clusters, "trial_truth")
    return {"measured_precision": found.precision, "measured_recall": found.recall}


def create_model_history(con: DuckDBPyConnection) -> None:
    """Create ``linkage.model_history`` if it is missing."""
    con.execute("create schema if not exists linkage")
    con.execute(
        f"""create table if not exists {HISTORY} (
            sequence integer, model_version varchar not null, status varchar not null, trained_at timestamp,
            compared_with varchar, customers integer, customers_kept integer, customers_merged integer,
            customers_split integer, customers_moved integer, changed_share double,
            estimated_precision double, estimated_recall double, measured_precision double, measured_recall double,
            records integer, profile varchar, decided_by varchar, decided_at timestamp, reason varchar)"""
    )


def load_in_force(models: Path) -> LinkageModel | None:
    """The model in the folder ``current``; None where there is none, or where it does not fit the code any more."""
    from dagster_project.linkage.model import LinkageModel

    try:
        return LinkageModel.load(models / CURRENT)
    except (FileNotFoundError, ValueError):
        return None


def is_in_force(con: DuckDBPyConnection, version: str) -> bool:
    """Whether the history says that the model of this version is in force."""
    create_model_history(con)
    row = con.execute(f"select status from {HISTORY} where model_version = ?", [version]).fetchone()
    return row == (IN_FORCE,)


def keep_model(
    con: DuckDBPyConnection,
    models: Path,
    version: str,
    trial: Trial,
    profile: dict[str, Any],
    *,
    trained_at: date | datetime,
    largest_change: float,
) -> str:
    """Enter a newly trained model, saved in ``models``/``version``, into the history; put it in force or hold it.

    Held when there is a model in force and more than ``largest_change`` of the compared records change their customer.
    Returns the status. A version that is in force already stays it, and nothing is entered.
    """
    loaded = load_in_force(models)
    current = loaded.version if loaded else None
    if current == version and is_in_force(con, version):
        return IN_FORCE
    create_model_history(con)
    share = trial.comparison.changed_share
    held = current is not None and current != version and share > largest_change
    reason = (
        f"{share:.2%} of the records would change their customer, more than {largest_change:.2%}"
        if held
        else f"{share:.2%} of the records change their customer"
        if current
        else "there was no model in force that fits the code"
    )
    con.execute(f"delete from {HISTORY} where model_version = ?", [version])
    compared = asdict(trial.comparison)
    customers = {
        f"customers{kind}": compared[f"customers{kind}"] for kind in ("", "_kept", "_merged", "_split", "_moved")
    }
    row: dict[str, Any] = {
        "sequence": _next(con), "model_version": version, "status": HELD, "trained_at": trained_at, "compared_with": current,
        **customers,
        "changed_share": share, **trial.accuracy, "records": profile["records"],
        "profile": json.dumps(profile, ensure_ascii=False, sort_keys=True), "reason": reason,
    }  # fmt: skip
    con.execute(f"insert into {HISTORY} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))
    (models / version / PROFILE_FILE).write_text(
        json.dumps(profile, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    if held:
        return HELD
    _put_in_force(con, models, version)
    return IN_FORCE


def list_models(con: DuckDBPyConnection) -> list[dict[str, Any]]:
    """All models, the newest first, as in ``linkage.model_history``."""
    create_model_history(con)
    found = con.execute(f"from {HISTORY} order by sequence desc")
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def approve_model(con: DuckDBPyConnection, models: Path, version: str | None, *, decided_by: str, now: datetime) -> str:
    """Put a held model in force, the newest one where no ``version`` is named; return its version.

    Raises ModelError when there is no such held model, or its folder is gone or fits the code no more.
    """
    create_model_history(con)
    held = con.execute(
        f"select model_version from {HISTORY} where status = ? and model_version = coalesce(?, model_version) "
        "order by sequence desc limit 1",
        [HELD, version],
    ).fetchone()
    if held is None:
        raise ModelError(f"no model {version or ''} is held; see the list".replace("  ", " "))
    _decide(con, models, held[0], decided_by, now, "approved")
    return held[0]


def go_back(con: DuckDBPyConnection, models: Path, *, decided_by: str, now: datetime) -> str:
    """Put the model that was in force before the present one in force again; return its version.

    Raises ModelError when there was none, or its folder is gone or fits the code no more.
    """
    create_model_history(con)
    before = con.execute(
        f"select model_version from {HISTORY} where status = ? order by sequence desc limit 1", [REPLACED]
    ).fetchone()
    if before is None:
        raise ModelError("no model was in force before this one")
    _decide(con, models, before[0], decided_by, now, "gone back to")
    return before[0]


def _decide(con: DuckDBPyConnection, models: Path, version: str, decided_by: str, now: datetime, reason: str) -> None:
    from dagster_project.linkage.model import LinkageModel

    try:
        LinkageModel.load(models / version)
    except (FileNotFoundError, ValueError) as error:
        raise ModelError(f"the model {version} cannot be used: {error}") from error
    con.execute(
        f"update {HISTORY} set decided_by = ?, decided_at = ?, reason = ? where model_version = ?",
        [decided_by, now, reason, version],
    )
    _put_in_force(con, models, version)


def _put_in_force(con: DuckDBPyConnection, models: Path, version: str) -> None:
    """The folder is swapped before the history: killed between the two, the next training or decision mends the history."""
    fresh, old = models / f".{CURRENT}.new", models / f".{CURRENT}.old"
    for folder in (fresh, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(models / version, fresh)
    if (models / CURRENT).exists():
        (models / CURRENT).rename(old)
    fresh.rename(models / CURRENT)
    shutil.rmtree(old, ignore_errors=True)
    number = _next(con)
    con.begin()
    # The model in force until now is the newest of those that can be gone back to.
    con.execute(
        f"update {HISTORY} set status = ?, sequence = ? where status = ? and model_version <> ?",
        [REPLACED, number, IN_FORCE, version],
    )
    con.execute(
        f"update {HISTORY} set status = ?, sequence = ? where model_version = ?", [IN_FORCE, number + 1, version]
    )
    con.commit()


def _next(con: DuckDBPyConnection) -> int:
    return con.execute(f"select coalesce(max(sequence), 0) + 1 from {HISTORY}").fetchall()[0][0]
