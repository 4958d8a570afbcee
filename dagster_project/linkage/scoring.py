"""Applying the model: candidate pairs with match weights.

Belongs here: from records to ``candidate_pairs``, and the weights of given pairs. Does not belong here: which pairs end
up in one cluster (``clustering``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.blocking import RULES, propose_pairs
from dagster_project.linkage.comparisons import PARTIES, Party
from dagster_project.linkage.records import prepare_records
from dagster_project.linkage.splink_engine import comparison_vectors_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.model import LinkageModel, PartyModel

# Pairs below this weight (bits) are not kept: at odds of 1 to 1000 neither a steward nor a cluster needs them.
LEAST_WEIGHT = -10.0
# A deterministic rule lifts a pair to at least this weight (odds of 1000 to 1).
RULE_WEIGHT = 10.0


@dataclass(frozen=True)
class Patterns:
    """Distinct comparison vectors of some pairs: ``gammas`` (patterns x comparisons) and ``weights`` in bits."""

    gammas: np.ndarray
    weights: np.ndarray


def score_pairs(
    con: DuckDBPyConnection,
    model: LinkageModel,
    records: str = "standardized.std_customer_records",
    output: str = "linkage.candidate_pairs",
    progress: Callable[[str], None] = print,
) -> int:
    """Create ``output``, one row per candidate pair at or above ``LEAST_WEIGHT``; return the number of rows.

    Columns: record_key_l < record_key_r, match_weight (bits), match_probability, match_rule (deterministic rule that
    holds, else NULL), blocking_rule (the first that proposed the pair), party_type, and the level of every comparison of
    either party as gamma_<comparison> (-1: no comparison; 0: different; then the better the higher).
    """
    names = sorted({c.name for party in PARTIES for c in party.comparisons})
    con.execute(
        f"""create or replace table {output} (
            record_key_l varchar, record_key_r varchar, match_weight double, match_probability double,
            match_rule varchar, blocking_rule varchar, party_type varchar,
            {", ".join(f"gamma_{name} tinyint" for name in names)})"""
    )
    for party_model in model.parties:
        party = party_model.party
        count = prepare_records(con, party, records, party_model.reference)
        propose_pairs(con, party.party_type, party_model.reference)
        write_scored_pairs(con, party_model, output)
        progress(f"linkage scoring: {count:,} records of party type {party.party_type}")
    return con.execute(f"select count(*) from {output}").fetchall()[0][0]


def write_scored_pairs(con: DuckDBPyConnection, party_model: PartyModel, output: str) -> None:
    """Score ``linkage_blocked`` (l, r, rule) of ``linkage_records`` and insert what is to be kept into ``output``."""
    party = party_model.party
    score_given_pairs(con, party_model, "linkage_blocked", "linkage_scored", carried=", rule", least=LEAST_WEIGHT)
    rules = ", ".join(f"({n}, '{rule.name}')" for n, rule in enumerate(RULES[party.party_type]))
    own = [f"gamma_{c.name}" for c in party.comparisons]
    con.execute(
        f"""insert into {output} by name
        select
            least(a.record_key, b.record_key) as record_key_l,
            greatest(a.record_key, b.record_key) as record_key_r,
            s.match_weight,
            1 / (1 + pow(2, -s.match_weight)) as match_probability,
            s.match_rule,
            n.name as blocking_rule,
            '{party.party_type}' as party_type,
            {", ".join(f"s.{name}" for name in own)}
        from linkage_scored as s
        join linkage_records as a on a.i = s.l
        join linkage_records as b on b.i = s.r
        join (values {rules}) as n(number, name) on n.number = s.rule
        order by s.l, s.r"""
    )
    con.execute("drop table linkage_scored")


def score_given_pairs(
    con: DuckDBPyConnection,
    party_model: PartyModel,
    pairs: str,
    output: str,
    *,
    carried: str = "",
    least: float | None = None,
) -> Patterns:
    """Score ``pairs`` (l, r and ``carried`` columns) of ``linkage_records`` into ``output``, without any below ``least``.

    ``output``: l, r, carried columns, pattern (row in the returned ``Patterns``), match_weight, match_rule, conflict and
    the gamma columns. Each distinct comparison vector is weighed once, however many pairs share it.
    """
    party = party_model.party
    gammas = [f"gamma_{c.name}" for c in party.comparisons]
    vectors = comparison_vectors_sql(party, "linkage_records", pairs, carried, judged=True)
    con.execute(
        f"""create or replace temp table linkage_vectors as
        select l, r{carried}, {pattern_code(party, party_model)} as code, match_rule, conflict from ({vectors})"""
    )
    codes = np.asarray(
        con.execute("select distinct code from linkage_vectors order by code").fetchnumpy()["code"], dtype=np.int64
    )
    decoded = decode_patterns(codes, party_model)
    weights = party_model.mixture.weights_of_vectors(decoded, party_model.layout)
    import pyarrow as pa

    table = pa.table(
        {
            "code": codes,
            "pattern": np.arange(len(codes), dtype=np.int32),
            "weight": weights,
            **{name: decoded[:, n].astype(np.int8) for n, name in enumerate(gammas)},
        }
    )
    con.register("linkage_patterns_arrow", table)
    con.execute("create or replace temp table linkage_patterns as select * from linkage_patterns_arrow")
    con.unregister("linkage_patterns_arrow")
    final = f"case when v.match_rule is not null then greatest(p.weight, {RULE_WEIGHT}) else p.weight end"
    con.execute(
        f"""create or replace temp table {output} as
        select v.l, v.r{carried}, p.pattern, {final} as match_weight, v.match_rule, v.conflict,
            {", ".join(f"p.{name}" for name in gammas)}
        from linkage_vectors as v join linkage_patterns as p using (code)
        {f"where {final} >= {least}" if least is not None else ""}"""
    )
    con.execute("drop table linkage_vectors")
    con.execute("drop table linkage_patterns")
    return Patterns(decoded, weights)


def pattern_code(party: Party, party_model: PartyModel) -> str:
    """SQL packing the gamma columns into one integer, each a digit in its own base."""
    code, base = [], 1
    for comparison, size in zip(party.comparisons, party_model.layout.sizes, strict=True):
        code.append(f"(gamma_{comparison.name} + 1)::bigint * {base}")
        base *= size + 1
    if base >= 2**63:
        raise ValueError(f"too many comparison levels for one integer code: {base} combinations")
    return " + ".join(code)


def decode_patterns(codes: np.ndarray, party_model: PartyModel) -> np.ndarray:
    """The gammas of each code of ``pattern_code``: codes x comparisons."""
    columns = []
    rest = codes.copy()
    for size in party_model.layout.sizes:
        columns.append(rest % (size + 1) - 1)
        rest = rest // (size + 1)
    return np.stack(columns, axis=1)
