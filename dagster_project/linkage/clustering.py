"""From weighted pairs to clusters of records, and to the pairs a steward should look at.

Belongs here: components, scoring all pairs inside them, handing them to ``agglomeration``, the cluster tables. Does not
belong here: golden IDs, which last longer than clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dagster_project.linkage.agglomeration import LARGEST_CLUSTER, Judgement, agglomerate
from dagster_project.linkage.attachment import attach
from dagster_project.linkage.comparisons import PARTIES
from dagster_project.linkage.mixture import SMALLEST, indicators
from dagster_project.linkage.records import forget_records, prepare_records
from dagster_project.linkage.scoring import Patterns, score_given_pairs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    from dagster_project.linkage.model import LinkageModel, PartyModel

    Integers = NDArray[np.int64]

# Records connected by pairs of at least this weight are judged together.
COMPONENT_WEIGHT = -1.0
# A larger component raises its own threshold by this many bits until it splits.
LARGEST_COMPONENT = 100
STEP = 2.0
HIGHEST_THRESHOLD = 40.0
# Up to this size the evidence of every comparison is pooled; beyond it the mean pair weight alone decides.
LARGEST_POOLED = 200
# Pairs this close to the threshold are doubtful, whichever way they fell.
DOUBTFUL_WEIGHT = 2.0
_BATCH_VALUES = 6_000_000


def cluster(
    con: DuckDBPyConnection,
    model: LinkageModel,
    records: str = "standardized.std_customer_records",
    pairs: str = "linkage.candidate_pairs",
    decisions: str | None = None,
    output: str = "linkage.clusters",
    review: str = "linkage.review_candidates",
    progress: Callable[[str], None] = print,
    kept: str | None = None,
    largest_cluster: int | None = LARGEST_CLUSTER,
) -> int:
    """Create ``output`` and ``review``; return the number of clusters.

    ``output``, one row per record: record_key, cluster_id (its smallest record_key), held, cluster_size, attached. A
    cluster is held when the evidence asked for more than 50 records in one: it is published as the sub-clusters of at
    most 50 records that agree best, flagged. A record is attached when it joined as a bare one (``attachment``).

    ``review``, one row per pair: record_key_l, record_key_r, reason, match_weight. Reasons: a merge that a guard
    refused ('conflicting identifiers', 'cluster too large', 'contradicting decisions'); 'doubtful', a weight within 2
    bits of the threshold; 'alike but apart', a pair that fits although its clusters as a whole do not. Pairs already
    decided are left out.

    ``decisions``: table of record_key_l, record_key_r, decision ('match' or 'no_match'); decisions about records that
    do not exist (any more), or about a person and an organisation, have no effect. Raises ValueError for another
    decision. Records of a party type the model was not trained on stay alone; train again to link them.

    ``kept``: a table (party_type, record_key, i, component, core, final, held) to be filled for the next increment: the component
    of every record, and its cluster before and after bare records are attached, named by ``i`` of the first record.

    ``largest_cluster``: records a cluster may have before it is held; None, for a list whose reader is its own steward: any number.
    """
    read_decisions(con, decisions)
    con.execute(
        f"create or replace table {output}"
        " (record_key varchar, cluster_id varchar, held boolean, cluster_size int, attached boolean)"
    )
    con.execute(
        f"create or replace table {review} (record_key_l varchar, record_key_r varchar, reason varchar, match_weight double)"
    )
    for party in PARTIES:
        party_model = model.party(party.party_type)
        count = prepare_records(con, party, records, party_model.reference if party_model else None)
        if party_model is not None:
            _cluster_party(con, party_model, pairs, count, output, review, progress, kept, largest_cluster)
        elif count:
            progress(f"linkage clustering: the model knows no {party.party_type}, {count:,} records stay alone")
            con.execute(
                f"insert into {output} select record_key, record_key, false, 1, false from linkage_records order by 1"
            )
        forget_records(con, party.party_type)
    con.execute("drop table linkage_decisions")
    return con.execute(f"select count(distinct cluster_id) from {output}").fetchall()[0][0]


def read_decisions(con: DuckDBPyConnection, decisions: str | None) -> None:
    """Create ``linkage_decisions`` from the table ``decisions``. Raises ValueError for an unknown decision."""
    con.execute(
        "create or replace temp table linkage_decisions (record_key_l varchar, record_key_r varchar, decision varchar)"
    )
    if decisions is None:
        return
    unknown = con.execute(
        f"select distinct decision from {decisions} where decision is null or decision not in ('match', 'no_match')"
    ).fetchall()
    if unknown:
        raise ValueError(f"decisions must be 'match' or 'no_match', found {unknown!r}")
    con.execute(f"insert into linkage_decisions select record_key_l, record_key_r, decision from {decisions}")


def _cluster_party(
    con: DuckDBPyConnection,
    party_model: PartyModel,
    pairs: str,
    count: int,
    output: str,
    review: str,
    progress: Callable[[str], None],
    kept: str | None,
    largest_cluster: int | None,
) -> None:
    join_decisions(con)
    judged = judge_components(con, party_model, pairs, count, progress, largest_cluster)
    label = _attach(con, judged.core) if party_model.party_type == "person" else judged.core
    write_labels(con, label, judged.held, label != judged.core)
    _write_clusters(con, output)
    write_review(con, judged.refused, review)
    if kept is not None:
        _keep_labels(con, party_model.party_type, judged, kept)
    for name in ("linkage_decided", "linkage_member", "linkage_inside", "linkage_inside_scored", "linkage_label"):
        con.execute(f"drop table {name}")


class Judged(NamedTuple):
    """Of each of ``linkage_records``: its component and its cluster, named by the smallest ``i``, and whether it is held; and the
    refused merges (i, i, reason)."""

    component: Integers
    core: Integers
    held: np.ndarray
    refused: list[tuple[int, int, str]]


def judge_components(
    con: DuckDBPyConnection,
    party_model: PartyModel,
    pairs: str,
    count: int,
    progress: Callable[[str], None],
    largest_cluster: int | None = LARGEST_CLUSTER,
) -> Judged:
    """Divide the components of ``linkage_records`` into clusters.

    A pure function of each component: judging some whole components gives them what judging all does. Leaves the pairs
    inside the components in ``linkage_inside_scored``.
    """
    component, parts = _components(con, pairs, count)
    members = _members(parts)
    patterns = _score_inside(con, party_model, members)
    progress(
        f"linkage clustering: {len(members['i']):,} records in {len(np.unique(members['component'])):,} components"
    )
    label = np.arange(count, dtype=np.int64)
    held = np.zeros(count, dtype=bool)
    refused: list[tuple[int, int, str]] = []
    judge = _Judge(party_model, patterns.gammas, largest_cluster)
    for batch in _batches(con, members):
        rows, judgement = judge(batch)
        label[rows.ravel()] = np.take_along_axis(rows, judgement.label, axis=1).ravel()
        held[rows.ravel()] = judgement.held.ravel()
        refused.extend((int(rows[b, p]), int(rows[b, q]), reason) for b, p, q, reason in judgement.refused)
    return Judged(component, label, held, refused)


def judge_together(
    con: DuckDBPyConnection, party_model: PartyModel, records: Sequence[str]
) -> tuple[list[str], Judgement]:
    """Judge some of ``linkage_records`` as if they were a component of their own: their keys by position, and a batch of one.

    For explanations. The records of a cluster merge as they did among all others, because a linkage depends on the two
    clusters alone. Needs ``linkage_decided``, at least two records, and leaves their pairs in ``linkage_inside_scored``.
    """
    found = con.execute(
        "select record_key, i from linkage_records where list_contains(?, record_key) order by i", [list(records)]
    ).fetchnumpy()
    numbers = np.asarray(found["i"], dtype=np.int64)
    component = np.arange(int(numbers.max()) + 1)
    component[numbers] = numbers[0]
    members = _members(component)
    patterns = _score_inside(con, party_model, members)
    _, judgement = _Judge(party_model, patterns.gammas)(next(iter(_batches(con, members))))
    return [str(key) for key in found["record_key"]], judgement


def join_decisions(con: DuckDBPyConnection) -> None:
    """Create ``linkage_decided`` (l, r, must): the decisions whose two records are in ``linkage_records``."""
    con.execute(
        """create or replace temp table linkage_decided as
        select least(a.i, b.i) as l, greatest(a.i, b.i) as r, d.decision = 'match' as must
        from linkage_decisions as d
        join linkage_records as a on a.record_key = d.record_key_l
        join linkage_records as b on b.record_key = d.record_key_r
        where a.i <> b.i"""
    )


def _score_inside(con: DuckDBPyConnection, party_model: PartyModel, members: dict[str, Integers]) -> Patterns:
    """Score all pairs inside components into ``linkage_inside_scored``."""
    con.execute("create or replace temp table linkage_member (i int, component int, position int, size int)")
    insert_arrow(con, "linkage_member", members)
    con.execute(
        """create or replace temp table linkage_inside as
        select a.i as l, b.i as r, a.component, a.position as position_l, b.position as position_r, a.size
        from linkage_member as a join linkage_member as b on a.component = b.component and a.position < b.position"""
    )
    return score_given_pairs(
        con, party_model, "linkage_inside", "linkage_inside_scored", carried=", component, position_l, position_r, size"
    )


def _components(con: DuckDBPyConnection, pairs: str, count: int) -> tuple[Integers, Integers]:
    """Component of each record: connected by pairs of ``COMPONENT_WEIGHT`` or must-link; and the same with large ones split.

    Bare records connect nothing, unless a steward says so: see ``attachment``.
    """
    edges = con.execute(
        f"""select least(a.i, b.i) as l, greatest(a.i, b.i) as r, max(match_weight) as weight, max(must) as must from (
            select record_key_l, record_key_r, match_weight, 0 as must from {pairs} where match_weight >= {COMPONENT_WEIGHT}
            union all
            select record_key_l, record_key_r, 0.0, 1 from linkage_decisions where decision = 'match'
        )
        join linkage_records as a on a.record_key = record_key_l
        join linkage_records as b on b.record_key = record_key_r
        where a.i <> b.i and (must = 1 or not (a.is_bare or b.is_bare)) group by all order by l, r"""
    ).fetchnumpy()
    left, right = np.asarray(edges["l"], dtype=np.int64), np.asarray(edges["r"], dtype=np.int64)
    weight, must = np.asarray(edges["weight"], dtype=np.float64), np.asarray(edges["must"]) == 1
    threshold = COMPONENT_WEIGHT
    component = whole = connected(left, right, count)
    while threshold < HIGHEST_THRESHOLD:
        sizes = np.bincount(component, minlength=count)
        large = sizes[component] > LARGEST_COMPONENT
        if not large.any():
            break
        threshold += STEP
        inside = large[left]
        kept = ~inside | (weight >= threshold) | must
        left, right, weight, must = left[kept], right[kept], weight[kept], must[kept]
        component = connected(left, right, count)
    return whole, component


def connected(left: Integers, right: Integers, count: int) -> Integers:
    """Connected components of ``count`` nodes: the smallest node of each node's component."""
    parent = np.arange(count, dtype=np.int64)
    while True:
        a, b = parent[left], parent[right]
        different = a != b
        if not different.any():
            return parent
        np.minimum.at(parent, np.maximum(a, b)[different], np.minimum(a, b)[different])
        while True:
            shorter = parent[parent]
            if (shorter == parent).all():
                break
            parent = shorter


def _members(component: Integers) -> dict[str, Integers]:
    """Records of components with at least two records: i, component, position in it (by i), size."""
    sizes = np.bincount(component, minlength=len(component)) if len(component) else component
    i = np.flatnonzero(sizes[component] > 1)
    i = i[np.argsort(component[i], kind="stable")]
    own = component[i]
    first = np.concatenate([[True], own[1:] != own[:-1]]) if len(own) else np.zeros(0, dtype=bool)
    starts = np.flatnonzero(first)
    position = np.arange(len(i)) - np.repeat(starts, np.diff(np.append(starts, len(i))))
    return {"i": i, "component": own, "position": position, "size": sizes[own]}


def insert_arrow(con: DuckDBPyConnection, table: str, columns: dict[str, np.ndarray]) -> None:
    """Insert arrays into a table, by name."""
    import pyarrow as pa

    con.register("linkage_arrow", pa.table(columns))
    con.execute(f"insert into {table} by name select * from linkage_arrow")
    con.unregister("linkage_arrow")


class _Judge:
    """Turns the scored pairs of components of one size into arrays and has them agglomerated."""

    def __init__(
        self, party_model: PartyModel, gammas: np.ndarray, largest_cluster: int | None = LARGEST_CLUSTER
    ) -> None:
        self.largest_cluster = largest_cluster
        layout, self.mixture = party_model.layout, party_model.mixture
        logs = np.log(np.maximum(self.mixture.levels, SMALLEST))
        rows = indicators(gammas, layout)
        self.evidence = np.stack([rows[:, part] @ logs[:, part].T for part in layout.slices()], axis=1).astype(
            np.float32
        )
        self.compared = gammas >= 0
        self.class_prior = np.log(np.maximum(self.mixture.prior, SMALLEST))

    @property
    def values_per_pair(self) -> int:
        return self.evidence.shape[1] * self.evidence.shape[2]

    def __call__(self, batch: dict[str, np.ndarray]):  # noqa: ANN204 - (record numbers, Judgement)
        rows, size = batch["rows"], batch["rows"].shape[1]
        shape = (len(rows), size, size)
        b, p, q = batch["component"], batch["position_l"], batch["position_r"]

        def square(values: np.ndarray, tail: tuple[int, ...] = ()) -> np.ndarray:
            result = np.zeros(shape + tail, dtype=values.dtype)
            result[b, p, q] = values
            result[b, q, p] = values
            return result

        pooled = size <= LARGEST_POOLED and size > 2
        evidence = (
            square(self.evidence[batch["pattern"]], self.evidence.shape[1:]).astype(np.float64) if pooled else None
        )
        compared = square(self.compared[batch["pattern"]], self.compared.shape[1:]) if pooled else None
        judgement = agglomerate(
            square(batch["weight"]),
            evidence,
            compared,
            self.class_prior,
            self.mixture.is_match,
            square(batch["must"]),
            square(batch["cannot"]),
            square(batch["conflict"]),
            self.largest_cluster,
        )
        return rows, judgement


def _batches(con: DuckDBPyConnection, members: dict[str, Integers]) -> Iterator[dict[str, np.ndarray]]:
    """Components of equal size, in batches of bounded memory, in ascending order."""
    found = con.execute(
        """select s.size, s.component, s.position_l, s.position_r, s.pattern, s.match_weight as weight, s.conflict,
            coalesce(d.must, false) as must, coalesce(d.cannot, false) as cannot
        from linkage_inside_scored as s
        left join (
            select l, r, bool_or(must) as must, bool_or(not must) as cannot from linkage_decided group by all
        ) as d on d.l = s.l and d.r = s.r
        order by s.size, s.component, s.position_l, s.position_r"""
    ).fetchnumpy()
    scored = {name: np.asarray(values) for name, values in found.items()}
    ends = np.searchsorted(scored["size"], np.unique(members["size"]), side="right")
    first = 0
    for size, last in zip(np.unique(members["size"]), ends, strict=True):
        rows = members["i"][members["size"] == size].reshape(-1, size)
        pairs = size * (size - 1) // 2
        step = max(1, int(_BATCH_VALUES // (size * size * 200)))
        for start in range(0, len(rows), step):
            stop = min(start + step, len(rows))
            batch = {name: values[first + start * pairs : first + stop * pairs] for name, values in scored.items()}
            batch["component"] = np.repeat(np.arange(stop - start), pairs)
            batch["rows"] = rows[start:stop]
            yield batch
        first = last


def write_labels(con: DuckDBPyConnection, label: Integers, held: np.ndarray, attached: np.ndarray) -> None:
    """Create ``linkage_label`` (i, label, held, attached, size)."""
    con.execute(
        "create or replace temp table linkage_label (i int, label int, held boolean, attached boolean, size int)"
    )
    size = np.bincount(label, minlength=len(label))[label] if len(label) else label
    columns = {"i": np.arange(len(label)), "label": label, "held": held, "attached": attached, "size": size}
    insert_arrow(con, "linkage_label", columns)


def _attach(con: DuckDBPyConnection, core: Integers) -> Integers:
    """The final cluster of each of ``linkage_records``, which must be all records of people, from the judged ones."""
    con.execute("create or replace temp table linkage_core (number int, core int)")
    insert_arrow(con, "linkage_core", {"number": np.arange(len(core)), "core": core})
    attach(con, "(select i as number, * from linkage_records)", "linkage_core")
    found = con.execute("from linkage_attachment").fetchnumpy()
    label = core.copy()
    label[np.asarray(found["number"], dtype=np.int64)] = np.asarray(found["final"], dtype=np.int64)
    con.execute("drop table linkage_attachment")
    con.execute("drop table linkage_core")
    return label


def _keep_labels(con: DuckDBPyConnection, party_type: str, judged: Judged, kept: str) -> None:
    con.execute("create or replace temp table linkage_core (i int, component int, core int)")
    i = np.arange(len(judged.core))
    insert_arrow(con, "linkage_core", {"i": i, "component": judged.component, "core": judged.core})
    con.execute(
        f"""insert into {kept} by name
        select '{party_type}' as party_type, r.record_key, i, c.component, c.core, x.label as final, x.held
        from linkage_records as r join linkage_core as c using (i) join linkage_label as x using (i)"""
    )
    con.execute("drop table linkage_core")


def _write_clusters(con: DuckDBPyConnection, output: str) -> None:
    con.execute(
        f"""insert into {output} by name
        with named as (
            select label, min(record_key) as cluster_id, bool_or(held) as held
            from linkage_label join linkage_records using (i) where size > 1 group by label
        )
        select r.record_key, coalesce(n.cluster_id, r.record_key) as cluster_id, coalesce(n.held, c.held) as held,
            c.size as cluster_size, c.attached
        from linkage_label as c join linkage_records as r using (i) left join named as n using (label)
        order by r.record_key"""
    )


def write_review(con: DuckDBPyConnection, refused: list[tuple[int, int, str]], review: str) -> None:
    """Insert into ``review`` refused merges, and pairs whose weight is doubtful or contradicts the cluster they are in."""
    con.execute("create or replace temp table linkage_refused (l int, r int, reason varchar)")
    if refused:
        ordered = sorted((min(a, b), max(a, b), reason) for a, b, reason in refused)
        con.executemany("insert into linkage_refused values (?, ?, ?)", ordered)
    con.execute(
        f"""insert into {review} by name
        with doubtful as (
            select s.l, s.r, s.match_weight,
                case when f.reason is not null then f.reason
                when x.label = y.label and s.conflict then 'conflicting identifiers'
                when abs(s.match_weight) <= {DOUBTFUL_WEIGHT} then 'doubtful'
                when s.match_weight > 0 and x.label <> y.label then 'alike but apart'
                end as reason
            from linkage_inside_scored as s
            left join linkage_refused as f using (l, r)
            join linkage_label as x on x.i = s.l
            join linkage_label as y on y.i = s.r
            where not exists (from linkage_decided as d where d.l = s.l and d.r = s.r) or f.reason is not null
        )
        select least(a.record_key, b.record_key) as record_key_l, greatest(a.record_key, b.record_key) as record_key_r,
            d.reason, d.match_weight
        from doubtful as d join linkage_records as a on a.i = d.l join linkage_records as b on b.i = d.r
        where d.reason is not null
        order by record_key_l, record_key_r"""
    )
    con.execute("drop table linkage_refused")
