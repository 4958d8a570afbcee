"""Why two records are one customer or not, why a customer is what it is, and what changed when.

Belongs here: explanations of what linkage has decided, as data and as DuckDB relations, from the tables of the last run and
the model that made them. Does not belong here: deciding anything, what an explanation consists of (explanations.py),
printing it (commands/explain.py), explanations of all records at once (cluster_paths.py).

Explanations hold personal data, the values that were compared: they are for the steward who asked, and stand in temporary
tables of the connection only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.agglomeration import LARGEST_CLUSTER, THRESHOLD
from dagster_project.linkage.blocking_evidence import rules_of_pair
from dagster_project.linkage.clustering import COMPONENT_WEIGHT, join_decisions, judge_together, read_decisions
from dagster_project.linkage.contributions import contributions, prior_weight
from dagster_project.linkage.explanations import (
    ComparisonEvidence,
    CustomerExplanation,
    Event,
    Link,
    Merge,
    NothingToExplain,
    PairExplanation,
    Reason,
)
from dagster_project.linkage.mixture import indicators
from dagster_project.linkage.model import party_of
from dagster_project.linkage.records import prepare_records
from dagster_project.linkage.scoring import LEAST_WEIGHT, score_given_pairs
from dagster_project.linkage.splink_engine import level_names, waterfall_chart
from dagster_project.warehouse import table_exists

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from dagster_project.linkage.agglomeration import Judgement
    from dagster_project.linkage.comparisons import Comparison
    from dagster_project.linkage.model import LinkageModel, PartyModel

RECORDS = "standardized.std_customer_records"
ASSIGNMENT = "linkage.golden_id_assignment"

# Columns that exist for comparing only and tell a reader nothing beside the value they are made of.
_DERIVED = ("_sound", "_script", "_user", "_year", "_month", "_day", "_words", "_roots", "_band")


def explain_pair(
    con: DuckDBPyConnection, model: LinkageModel, first: str, second: str, *, records: str = RECORDS
) -> PairExplanation:
    """Explain two records by the tables of the last run on ``con`` and the model that scored them.

    Works for any two records, whether or not they were ever compared. Raises NothingToExplain for a key that is not in
    ``records``, and for a record paired with itself.
    """
    if first == second:
        raise NothingToExplain(f"{first} was given twice; name two records, or one")
    left, right = sorted((first, second))
    parties = dict(
        con.execute(
            f"select record_key, party_type from {records} where record_key in (?, ?)", [left, right]
        ).fetchall()
    )
    for key in (left, right):
        if key not in parties:
            raise NothingToExplain(f"{key} is no record of the input")
    kinds = {key: "organization" if kind == "organization" else "person" for key, kind in parties.items()}
    ids = dict(
        con.execute(
            f"select record_key, golden_id from {ASSIGNMENT} where record_key in (?, ?)", [left, right]
        ).fetchall()
    )
    history = _history(con, [id_ for id_ in ids.values() if id_], [left, right])
    party_model = model.party(kinds[left])
    given = (left, right, kinds[left], ids.get(left), ids.get(right))
    if kinds[left] != kinds[right]:
        why = "One is a person, the other an organisation: the two kinds are never one customer."
        return PairExplanation(*given, "different kinds of party", why, history=history)
    if party_model is None:
        why = f"The model was trained without any {kinds[left]}: such records stay alone until it is trained again."
        return PairExplanation(*given, "no model", why, history=history)
    return _explain_compared(con, party_model, given, records, history)


def _explain_compared(
    con: DuckDBPyConnection,
    party_model: PartyModel,
    given: tuple[str, str, str, str | None, str | None],
    records: str,
    history: tuple[Event, ...],
) -> PairExplanation:
    left, right, _, id_l, id_r = given
    _prepare(con, party_model, records)
    number = dict(
        con.execute("select record_key, i from linkage_records where record_key in (?, ?)", [left, right]).fetchall()
    )
    con.execute(
        "create or replace temp table linkage_explained as select ?::int as l, ?::int as r",
        [number[left], number[right]],
    )
    patterns = score_given_pairs(con, party_model, "linkage_explained", "linkage_explained_scored")
    weight, rule, conflict = con.execute(
        "select match_weight, match_rule, conflict from linkage_explained_scored"
    ).fetchall()[0]
    gammas = patterns.gammas[:1]
    evidence = _comparisons(con, party_model, gammas, left, right)
    blocking, is_proposed = rules_of_pair(
        con, party_model.party_type, party_model.reference, number[left], number[right]
    )

    members = [
        row[0]
        for row in con.execute(
            f"select record_key from {ASSIGNMENT} where golden_id in (?, ?) order by 1", [id_l, id_r]
        ).fetchall()
    ]
    keys, judgement = judge_together(con, party_model, sorted({*members, left, right}))
    position = {key: n for n, key in enumerate(keys)}
    merge = _merge_of(keys, judgement, position[left], position[right])
    decisions = con.execute(
        """select l.record_key as record_key_l, r.record_key as record_key_r, d.must from linkage_decided as d
        join linkage_records as l on l.i = d.l join linkage_records as r on r.i = d.r
        where list_contains(?, l.record_key) and list_contains(?, r.record_key)""",
        [keys, keys],
    ).fetchall()
    review_reason = con.execute(
        "select reason from linkage.review_candidates where record_key_l = ? and record_key_r = ?", [left, right]
    ).fetchone()
    together = id_l is not None and id_l == id_r
    if together:
        reason, why, linkage = _why_together(merge)
    else:
        label = judgement.label[0]
        a, b = sorted((int(label[position[left]]), int(label[position[right]])))
        linkage = merge.linkage if merge else float(judgement.linkage[0, a, b])
        refused = {
            kind
            for _, p, q, kind in judgement.refused
            if {int(label[p]), int(label[q])} == {a, b} and kind != "contradicting decisions"
        }
        kept_apart = _kept_apart(keys, judgement, decisions, a, b)
        reason, why = _why_apart(
            kept_apart, refused, bool(conflict), is_proposed, weight, linkage, merged=merge is not None
        )
    return PairExplanation(
        *given,
        reason,
        why,
        prior=prior_weight(party_model.mixture),
        comparisons=evidence,
        model_weight=float(patterns.weights[0]),
        match_rule=rule,
        match_weight=weight,
        classes=_classes(party_model, gammas),
        is_conflict=bool(conflict),
        blocking=blocking,
        is_proposed=is_proposed,
        decision=_decision(con, left, right),
        review_reason=review_reason[0] if review_reason else None,
        linkage=linkage,
        merge=merge if together else None,
        path=_path(_spanning_tree(con, keys), left, right) if together else (),
        history=history,
    )


def _why_together(merge: Merge | None) -> tuple[Reason, str, float | None]:
    if merge is None:
        why = (
            "One of them says nothing of who it is, and this is the only customer that uses its mailbox, phone number or"
            " shared identifier."
        )
        return "only customer with its contact", why, None
    if np.isinf(merge.linkage):
        return "steward decided match", "A steward's decision ties the two groups of records together.", None
    why = (
        f"The group of {len(merge.records_l)} and the group of {len(merge.records_r)} records they were in merged at a"
        f" linkage of {merge.linkage:+.1f} bits; above {THRESHOLD:+.0f} groups are one customer."
    )
    return "evidence", why, merge.linkage


def _why_apart(
    kept_apart: bool,
    refused: set[str],
    conflict: bool,
    is_proposed: bool,
    weight: float,
    linkage: float,
    *,
    merged: bool,
) -> tuple[Reason, str]:
    if kept_apart:
        return "steward decided no match", "A steward's decision keeps the two customers apart."
    if conflict or "conflicting identifiers" in refused:
        why = "A guard refuses: they, or other records of the two customers, have valid identifiers that differ."
        return "conflicting identifiers", why
    if "cluster too large" in refused:
        return "cluster too large", f"A guard refuses: the customer would have more than {LARGEST_CLUSTER} records."
    if merged:
        why = (
            f"Put side by side the two customers would merge (linkage {linkage:+.1f} bits), but no chain of proposed pairs"
            f" of at least {COMPONENT_WEIGHT:+.0f} bits led from one to the other, so they were never judged together."
        )
        return "never judged together", why
    if weight > THRESHOLD:
        why = f"The pair by itself fits ({weight:+.1f} bits), but the two customers as a whole do not: {linkage:+.1f} bits."
        return "customers as a whole", why
    whole = f" The linkage of the two customers as a whole is {linkage:+.1f} bits."
    if not is_proposed:
        why = "No blocking rule proposed the pair: the two agree on nothing that few others share."
        return "never proposed", why + whole
    why = f"The pair's weight of {weight:+.1f} bits is not above {THRESHOLD:+.0f}."
    if weight < LEAST_WEIGHT:
        why += f" Pairs below {LEAST_WEIGHT:+.0f} are not kept."
    return "weight below", why + whole


def _kept_apart(keys: list[str], judgement: Judgement, decisions: list[tuple], a: int, b: int) -> bool:
    """Whether a no_match decision stands between the clusters ``a`` and ``b``."""
    cluster = {key: int(judgement.label[0][n]) for n, key in enumerate(keys)}
    return any(not must and {cluster[left], cluster[right]} == {a, b} for left, right, must in decisions)


def explain_customer(
    con: DuckDBPyConnection, model: LinkageModel, golden_id: str, *, records: str = RECORDS
) -> CustomerExplanation:
    """Explain a golden customer, or what became of a golden ID that is no longer in force.

    Raises NothingToExplain for an ID that was never given.
    """
    current = con.execute(
        "select current_golden_id from linkage.golden_id_redirects where golden_id = ?", [golden_id]
    ).fetchone()
    if current is None:
        raise NothingToExplain(f"{golden_id} is neither a record of the input nor a golden ID that was ever given")
    history = _history(con, [golden_id, *([current[0]] if current[0] else [])], [])
    members = con.execute(
        f"select a.record_key, r.party_type from {ASSIGNMENT} as a join {records} as r using (record_key)"
        " where a.golden_id = ? order by 1",
        [current[0]],
    ).fetchall()
    keys = tuple(key for key, _ in members)
    party = "organization" if members and members[0][1] == "organization" else "person"
    party_model = model.party(party)
    if len(keys) < 2 or party_model is None:
        return CustomerExplanation(golden_id, current[0], keys, history=history)
    _prepare(con, party_model, records)
    positions, judgement = judge_together(con, party_model, keys)
    return CustomerExplanation(
        golden_id,
        current[0],
        keys,
        merges=tuple(_merges(positions, judgement)),
        links=tuple(_spanning_tree(con, positions)),
        history=history,
    )


def customer_of(con: DuckDBPyConnection, record_key: str) -> str | None:
    """The golden ID of a record, None where the input has no such record."""
    row = con.execute(f"select golden_id from {ASSIGNMENT} where record_key = ?", [record_key]).fetchone()
    return row[0] if row else None


def nearest_of_record(con: DuckDBPyConnection, record_key: str, most: int = 10) -> DuckDBPyRelation:
    """The candidate pairs of a record, strongest first, at most ``most``: other_record_key, golden_id (of the other),
    match_weight, match_rule, blocking_rule, is_same_customer."""
    return con.sql(
        f"""select p.other_record_key, other.golden_id, p.match_weight, p.match_rule, p.blocking_rule,
            other.golden_id = own.golden_id as is_same_customer
        from (
            select record_key_l as record_key, record_key_r as other_record_key, * from linkage.candidate_pairs
            union all by name
            select record_key_r as record_key, record_key_l as other_record_key, * from linkage.candidate_pairs
        ) as p
        join {ASSIGNMENT} as own on own.record_key = p.record_key
        join {ASSIGNMENT} as other on other.record_key = p.other_record_key
        where p.record_key = $record
        order by p.match_weight desc, p.other_record_key limit $most""",
        params={"record": record_key, "most": most},
    )


def comparisons_relation(con: DuckDBPyConnection, explanation: PairExplanation) -> DuckDBPyRelation:
    """The comparisons of a pair as a relation: comparison, value_l, value_r, level, bits, running_weight (bits, from the
    prior on); the prior comes first, a rule that lifts the weight last."""
    rows = [(0, "prior", None, None, "of any candidate pair", explanation.prior)]
    rows += [(n, c.comparison, c.value_l, c.value_r, c.level, c.bits) for n, c in enumerate(explanation.comparisons, 1)]
    if explanation.match_rule is not None and explanation.match_weight is not None:
        lifted = explanation.match_weight - (explanation.model_weight or 0.0)
        rows.append((len(rows), "rule", None, None, explanation.match_rule, lifted))
    con.execute(
        "create or replace temp table linkage_explained_comparisons"
        " (position int, comparison varchar, value_l varchar, value_r varchar, level varchar, bits double)"
    )
    con.executemany("insert into linkage_explained_comparisons values (?, ?, ?, ?, ?, ?)", rows)
    return con.sql(
        "select * exclude (position), sum(bits) over (order by position) as running_weight"
        " from linkage_explained_comparisons order by position"
    )


def pair_chart(explanation: PairExplanation) -> str:
    """Splink's waterfall chart of a pair as a whole HTML page that needs no network. It holds the values compared."""
    bars = [("Prior", "of any candidate pair", explanation.prior, None, None)]
    bars += [
        (c.comparison, c.level, c.bits, c.value_l, c.value_r)
        for c in explanation.comparisons
        if c.level != "nothing to compare"
    ]
    weight = explanation.match_weight or 0.0
    if explanation.match_rule is not None and weight > (explanation.model_weight or 0.0):
        bars.append(("rule", explanation.match_rule, weight - (explanation.model_weight or 0.0), None, None))
    return waterfall_chart([*bars, ("Final score", "match weight", weight, None, None)])


def _prepare(con: DuckDBPyConnection, party_model: PartyModel, records: str) -> None:
    prepare_records(con, party_model.party, records, party_model.reference)
    read_decisions(con, "linkage.decisions" if table_exists(con, "linkage", "decisions") else None)
    join_decisions(con)


def _comparisons(
    con: DuckDBPyConnection, party_model: PartyModel, gammas: np.ndarray, left: str, right: str
) -> tuple[ComparisonEvidence, ...]:
    party = party_of(party_model.party_type)
    bits = contributions(party_model.mixture, party_model.layout, gammas)[0]
    found = []
    for number, comparison in enumerate(party.comparisons):
        gamma = int(gammas[0, number])
        labels = [label for label, _, _ in reversed(level_names(comparison))]
        shown = " || ', ' || ".join(f"coalesce({column}::varchar, '')" for column in _shown(comparison))
        values = dict(
            con.execute(
                f"select record_key, nullif(trim({shown}, ', '), '') from linkage_records where record_key in (?, ?)",
                [left, right],
            ).fetchall()
        )
        level = labels[gamma] if gamma >= 0 else "nothing to compare"
        found.append(ComparisonEvidence(comparison.name, values[left], values[right], level, float(bits[number])))
    return tuple(found)


def _shown(comparison: Comparison) -> list[str]:
    if comparison.banded:
        return [comparison.banded]
    return [name for name in comparison.columns if not name.endswith(_DERIVED)]


def _classes(party_model: PartyModel, gammas: np.ndarray) -> tuple[tuple[str, bool, float], ...]:
    mixture = party_model.mixture
    logs = mixture.class_log_likelihood(indicators(gammas, party_model.layout))[0]
    posterior = np.exp(logs - logs.max())
    posterior /= posterior.sum()
    classes = party_of(party_model.party_type).classes
    ranked = sorted(zip(classes, posterior, strict=True), key=lambda found: -found[1])
    return tuple((c.name, c.is_match, float(p)) for c, p in ranked if p >= 0.005)


def _merges(keys: list[str], judgement: Judgement) -> list[Merge]:
    """The merges of a batch of one, each with the records of its two groups as they were then."""
    groups: dict[int, tuple[str, ...]] = {n: (key,) for n, key in enumerate(keys)}
    merges = []
    for components, kept, absorbed, linkages in judgement.merges:
        for _, keep, drop, linkage in zip(components, kept, absorbed, linkages, strict=True):
            merges.append(Merge(groups[int(keep)], groups[int(drop)], float(linkage)))
            groups[int(keep)] = tuple(sorted(groups[int(keep)] + groups.pop(int(drop))))
    return merges


def _merge_of(keys: list[str], judgement: Judgement, left: int, right: int) -> Merge | None:
    for merge in _merges(keys, judgement):
        if {keys[left], keys[right]} <= {*merge.records_l, *merge.records_r}:
            return merge
    return None


def _spanning_tree(con: DuckDBPyConnection, keys: list[str]) -> list[Link]:
    """The strongest pairs that hold the records together: a maximum spanning tree (Kruskal 1956), decisions first."""
    pairs = con.execute(
        """select l.record_key, r.record_key, case when d.must then 'inf'::double else s.match_weight end as weight,
            s.match_rule
        from linkage_inside_scored as s
        join linkage_records as l on l.i = s.l
        join linkage_records as r on r.i = s.r
        left join linkage_decided as d on d.l = s.l and d.r = s.r and d.must
        order by weight desc, least(l.record_key, r.record_key), greatest(l.record_key, r.record_key)"""
    ).fetchall()
    group = {key: key for key in keys}
    tree = []
    for left, right, weight, rule in pairs:
        if group[left] != group[right]:
            tree.append(Link(min(left, right), max(left, right), weight, rule))
            old, new = group[right], group[left]
            group = {key: new if value == old else value for key, value in group.items()}
    return tree


def _path(tree: list[Link], start: str, end: str) -> tuple[Link, ...]:
    """The way through a spanning tree from one record to another, each link in the direction of the way."""
    steps: dict[str, list[Link]] = {}
    for link in tree:
        steps.setdefault(link.record_key_l, []).append(link)
        turned = Link(link.record_key_r, link.record_key_l, link.match_weight, link.match_rule)
        steps.setdefault(link.record_key_r, []).append(turned)
    ways: list[tuple[str, tuple[Link, ...]]] = [(start, ())]
    seen = {start}
    for here, way in ways:
        if here == end:
            return way
        for step in steps.get(here, []):
            if step.record_key_r not in seen:
                seen.add(step.record_key_r)
                ways.append((step.record_key_r, (*way, step)))
    return ()


def _decision(con: DuckDBPyConnection, left: str, right: str) -> tuple[str, ...] | None:
    if not table_exists(con, "linkage", "decisions"):
        return None
    row = con.execute(
        "select decision, decided_by, decided_at::varchar, reason from linkage.decisions"
        " where record_key_l = ? and record_key_r = ?",
        [left, right],
    ).fetchone()
    return tuple(row) if row else None


def _history(con: DuckDBPyConnection, golden_ids: list[str], record_keys: list[str]) -> tuple[Event, ...]:
    rows = con.execute(
        """select event_seq, run_id, as_of::varchar, golden_id, event, record_key, other_golden_id, cause
        from linkage.golden_id_history
        where (record_key is null and (list_contains($ids, golden_id) or list_contains($ids, other_golden_id)))
            or list_contains($keys, record_key)
        order by event_seq""",
        {"ids": golden_ids, "keys": record_keys},
    ).fetchall()
    return tuple(Event(*row) for row in rows)
