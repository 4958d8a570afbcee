"""Learning the linkage model from the records alone, without labels.

Belongs here: drawing random pairs and candidate pairs, and fitting the mixture to them. Does not belong here: the
mathematics (``mixture``) or what is compared (``comparisons``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.blocking import propose_pairs
from dagster_project.linkage.comparisons import PARTIES, Party
from dagster_project.linkage.mixture import fit, indicators, level_frequencies, non_match_shares
from dagster_project.linkage.model import LinkageModel, PartyModel, layout_of
from dagster_project.linkage.records import measured_reference, prepare_records
from dagster_project.linkage.splink_engine import comparison_vectors_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A level that two in a million random pairs reach must be seen a few times, or its weight hangs on the sample.
RANDOM_PAIRS = 400_000
CANDIDATE_SAMPLE = 100_000
# Random pairs still hold a few matches; their share is estimated and taken out this many times.
ROUNDS = 3
_SEED = 1


def train(
    con: DuckDBPyConnection,
    records: str = "standardized.std_customer_records",
    progress: Callable[[str], None] = print,
) -> LinkageModel:
    """Learn a model of the records in ``records`` (one row per record, see the public contract).

    The samples are fixed by the content of the records, so that the same records give the same model, in whatever order they
    come. Any data works: with a single record, or no duplicate, the templates remain the model.
    """
    trained = []
    for party in PARTIES:
        count = prepare_records(con, party, records)
        progress(f"linkage training: {count:,} records of party type {party.party_type}")
        if count:
            trained.append(_train_party(con, party, count, progress))
    return LinkageModel(tuple(trained))


def _train_party(con: DuckDBPyConnection, party: Party, count: int, progress: Callable[[str], None]) -> PartyModel:
    layout = layout_of(party)
    con.execute(
        "create or replace temp table linkage_self as select i as l, i as r from linkage_records where i < 100000"
    )
    itself_vectors, itself_counts = distinct_vectors(con, party, "linkage_self")
    itself = level_frequencies(indicators(itself_vectors, layout), itself_counts, layout)

    _draw_random_pairs(con, count)
    random_vectors, random_counts = distinct_vectors(con, party, "linkage_random")
    random_rows = indicators(random_vectors, layout)
    chance = level_frequencies(random_rows, random_counts, layout)

    total = propose_pairs(con, party.party_type)
    _draw_candidates(con, total)
    vectors, counts = distinct_vectors(con, party, "linkage_sample")
    rows = indicators(vectors, layout)
    progress(
        f"linkage training: {total:,} candidate pairs, {int(counts.sum()):,} in the sample, {len(rows):,} distinct"
    )

    background = count * (count - 1) / 2 / max(total, 1)
    mixture = fit(
        party, layout, rows, counts, chance, itself, background=background, records_per_pair=count / max(total, 1)
    )
    match_share = 0.0
    for _ in range(ROUNDS if len(random_rows) else 0):
        others = non_match_shares(mixture, random_rows, random_counts, chance)
        match_share = float(1 - (others @ random_counts) / random_counts.sum())
        chance = level_frequencies(random_rows, random_counts * others, layout)
        mixture = fit(
            party,
            layout,
            rows,
            counts,
            chance,
            itself,
            background=background,
            records_per_pair=count / max(total, 1),
            start=mixture,
        )
    for name in ("linkage_self", "linkage_random", "linkage_sample"):
        con.execute(f"drop table {name}")
    profile = {
        "records": count,
        "candidate_pairs": total,
        "sampled_pairs": int(counts.sum()),
        "random_pairs": int(random_counts.sum()),
        "compared": [name for column, name in enumerate(layout.names) if (itself_vectors[:, column] >= 0).any()],
    }
    reference = measured_reference(con, party)
    return PartyModel(party.party_type, mixture, chance, max(match_share, 1e-9), profile, reference)


def _draw_random_pairs(con: DuckDBPyConnection, count: int) -> None:
    """Create ``linkage_random`` (l, r): every pair of small data, else pairs at fixed distances in content order."""
    if count * (count - 1) // 2 <= RANDOM_PAIRS:
        source = "select a.i as l, b.i as r from linkage_records as a join linkage_records as b on a.i < b.i"
    else:
        generator = np.random.default_rng(_SEED)
        anchors = min(count, RANDOM_PAIRS)
        distances = generator.choice(
            np.arange(1, count), size=min(count - 1, max(1, RANDOM_PAIRS // anchors)), replace=False
        )
        values = ", ".join(f"({int(d)})" for d in sorted(distances))
        source = (
            f"select least(i, (i + d) % {count}) as l, greatest(i, (i + d) % {count}) as r "
            f"from linkage_records cross join (values {values}) as t(d) where i < {anchors}"
        )
    con.execute(f"create or replace temp table linkage_random as {source}")


def _draw_candidates(con: DuckDBPyConnection, total: int) -> None:
    """Create ``linkage_sample`` (l, r): the candidates, or about ``CANDIDATE_SAMPLE`` of them chosen by their numbers."""
    share = min(1.0, CANDIDATE_SAMPLE / max(total, 1))
    con.execute(
        f"""create or replace temp table linkage_sample as select l, r from linkage_blocked
        where (l::bigint * 48271 + r::bigint * 69621 + {_SEED} * 16807) % 1000003 < {round(share * 1000003)}"""
    )


def distinct_vectors(con: DuckDBPyConnection, party: Party, pairs: str) -> tuple[np.ndarray, np.ndarray]:
    """Distinct comparison vectors of ``pairs`` in ascending order (vectors x comparisons) and the pairs of each."""
    gammas = ", ".join(f"gamma_{c.name}" for c in party.comparisons)
    sql = comparison_vectors_sql(party, "linkage_records", pairs)
    result = con.execute(f"select {gammas}, count(*) as pairs from ({sql}) group by all order by all").fetchnumpy()
    vectors = np.stack([np.asarray(result[f"gamma_{c.name}"], dtype=np.int64) for c in party.comparisons], axis=1)
    return vectors, np.asarray(result["pairs"], dtype=np.float64)
