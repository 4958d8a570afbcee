"""Bare records: they have a mailbox, a phone number or a shared identifier, but nobody's given name.

A newsletter's recipient, a caller, a follower who bound a number. Two of them compared with each other, or one with a
person, agree on one value and on nothing else, which the model rightly finds weak: a household shares its phone. But
where a value leads to one customer only, there is nobody else the record could belong to. Belongs here: finding that
customer. Does not belong here: evidence between records that say who they are (agglomeration).

Only few clusters take part: those without a name, and those that a value of theirs may lead to. They are looked for first, in
single columns of all records; everything else looks at their records alone. The one thing counted over all customers is how
many bear a name that such a mailbox spells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.guards import read_guards

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

LARGEST_CLUSTER = read_guards().largest_cluster
# Of several customers who use a value, the one with this many times the records of all others together has it: at 2, two
# times out of three, counting each record that carries the value as one vote.
DOMINANT = 2
# A mailbox that spells a name leads to its bearer where at most this many customers would bear the name by chance.
NAMESAKES = 0.1
SHORTEST_NAME = 7
# A mailbox mistyped behind the @: the same user at a domain this similar.
SIMILAR_DOMAIN = 0.9
SHORTEST_USER = 6

_COLUMNS = (
    "record_key", "is_bare", "given", "identifier", "given_sound", "family_sound", "gender_text", "birth_text", "email_text",
    "email_user", "phone_main", "phone_other", "external_id_text",
)  # fmt: skip
_LETTERS_OF_USER = "regexp_replace(email_user, '[^a-z]', '', 'g')"
_NAMELESS = "given is null and identifier is null"

# Ways to reach somebody: (kind, column). A number or mailbox is one kind whichever column it stands in.
_VALUES = (
    ("email", "email_text"),
    ("phone", "phone_main"),
    ("phone", "phone_other"),
    ("external id", "external_id_text"),
)


def attach(con: DuckDBPyConnection, records: str, clusters: str) -> None:
    """Create ``linkage_attachment`` (number, final): the records that come into another cluster than their own, and which.

    ``records``: prepared records of people with a ``number`` each; ``clusters`` (number, core): the cluster of each, named by the
    number of its first record in content order. Needs ``linkage_decisions``.
    """
    _find_clusters(con, records, clusters)
    taking_part = f"(select number, core from {clusters} semi join linkage_taking_part using (core))"
    con.execute(
        f"""create or replace temp table linkage_attachable as
        select (row_number() over (order by r.content, r.record_key) - 1)::int as i, number, c.core,
            {", ".join(_COLUMNS)}
        from {records} as r join {taking_part} as c using (number) order by i"""
    )
    con.execute(
        """create or replace temp table linkage_apart as
        select a.i as l, b.i as r from linkage_decisions as d
        join linkage_attachable as a on a.record_key = d.record_key_l
        join linkage_attachable as b on b.record_key = d.record_key_r
        where d.decision = 'no_match' order by l, r"""
    )
    found = con.execute(
        "select number, min(i) over (partition by core) as core from linkage_attachable order by i"
    ).fetchnumpy()
    number, core = np.asarray(found["number"], dtype=np.int64), np.asarray(found["core"], dtype=np.int64)
    apart = con.execute("from linkage_apart").fetchnumpy()
    label = keep_apart(
        core,
        attach_bare_records(con, join_bare_records(con, core)),
        np.asarray(apart["l"], dtype=np.int64),
        np.asarray(apart["r"], dtype=np.int64),
    )
    moved = label != core
    con.execute("create or replace temp table linkage_attachment (number bigint, final bigint)")
    import pyarrow as pa

    con.register("linkage_attached_arrow", pa.table({"number": number[moved], "final": number[label[moved]]}))
    con.execute("insert into linkage_attachment from linkage_attached_arrow")
    con.unregister("linkage_attached_arrow")
    for name in ("nameless", "sought", "rare_name", "taking_part", "attachable", "apart"):
        con.execute(f"drop table linkage_{name}")


def keep_apart(
    core: NDArray[np.int64], label: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The labels, but of two records kept apart (``left``, ``right``) that lead to one customer neither is attached.

    Nobody knows which of them is the customer's.
    """
    torn = label[left] == label[right]
    doubtful = np.concatenate([left[torn], right[torn]])
    alone = np.isin(core, core[doubtful[label[doubtful] != core[doubtful]]])
    return np.where(alone, core, label)


def _find_clusters(con: DuckDBPyConnection, records: str, clusters: str) -> None:
    """``linkage_taking_part`` (core): clusters without a name, and all that a value of theirs may lead to.

    Also ``linkage_nameless`` (core), ``linkage_sought`` (kind, value) and ``linkage_rare_name`` (given_sound,
    family_sound): names spelled by mailboxes of the nameless that few customers bear.
    """
    con.execute(
        f"""create or replace temp table linkage_nameless as
        with suspect as (
            select distinct core from {clusters} where number in (select number from {records} where {_NAMELESS})
        ),
        member as (from {clusters} semi join suspect using (core))
        from suspect anti join (
            select core from member join (select number from {records} where not ({_NAMELESS})) using (number)
        ) using (core)"""
    )
    values = (*_VALUES, ("email user", "email_user"), ("spelled", _LETTERS_OF_USER))
    shortest = {"email user": SHORTEST_USER, "spelled": SHORTEST_NAME}
    theirs = " union ".join(
        f"select '{kind}' as kind, {column} as value from theirs where length({column}) >= {shortest.get(kind, 0)}"
        for kind, column in values
    )
    con.execute(
        f"""create or replace temp table linkage_sought as
        with nameless as (from {clusters} semi join linkage_nameless using (core)),
        theirs as (from {records} where number in (select number from nameless))
        {theirs}"""
    )
    _find_rare_names(con, records, clusters)
    sought = "(select value from linkage_sought where kind = '{}')"
    users = " union all ".join(
        f"select number from {records} where {column} in {sought.format(kind)}" for kind, column in values[:-1]
    )
    con.execute(
        f"""create or replace temp table linkage_taking_part as
        from linkage_nameless union
        select core from {clusters} where number in (
            {users} union all select number from {records} semi join linkage_rare_name using (given_sound, family_sound)
        )"""
    )


def _find_rare_names(con: DuckDBPyConnection, records: str, clusters: str) -> None:
    known = "given_sound is not null and family_sound is not null"
    spelled = "(select value from linkage_sought where kind = 'spelled')"
    con.execute(
        f"""create or replace temp table linkage_rare_name as
        with name as (
            select distinct given_sound, family_sound from {records}
            where (whole in {spelled} or turned in {spelled}) and {known} and length(whole) >= {SHORTEST_NAME}
        ),
        customer as (
            select count(*) - (select count(*) from linkage_nameless) as customers from {clusters} where number = core
        ),
        bearer as (
            select core, given_sound, family_sound
            from (
                select number, given_sound, family_sound from {records}
                where {known} and (
                    given_sound in (select given_sound from name) or family_sound in (select family_sound from name)
                )
            ) join {clusters} using (number) anti join linkage_nameless using (core)
        ),
        given as (select given_sound, count(distinct core) as n from bearer group by all),
        family as (select family_sound, count(distinct core) as n from bearer group by all)
        select given_sound, family_sound
        from name join given using (given_sound) join family using (family_sound), customer
        where given.n * family.n <= {NAMESAKES} * customers"""
    )


def join_bare_records(con: DuckDBPyConnection, label: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels of ``linkage_attachable`` (by ``i``), with bare records of one external ID joined to the smallest of them.

    A follower in two accounts, a subscriber of two lists: nothing is compared, but a source calls them by one ID.
    """
    found = con.execute(
        """select i, min(i) over id as first
        from linkage_attachable where is_bare and external_id_text is not null
        window id as (partition by external_id_text)
        qualify coalesce(min(family_sound) over id = max(family_sound) over id, true)
            and coalesce(min(gender_text) over id = max(gender_text) over id, true)
        order by i"""
    ).fetchnumpy()
    joined = label.copy()
    i, first = np.asarray(found["i"], dtype=np.int64), np.asarray(found["first"], dtype=np.int64)
    alone = np.bincount(label, minlength=len(label))[label] == 1
    own = alone[i] & alone[first]
    joined[i[own]] = label[first[own]]
    return joined


def attach_bare_records(con: DuckDBPyConnection, label: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels of ``linkage_attachable`` (by ``i``), with clusters of nameless records joined to the customer that they
    lead to.

    A cluster in which nobody has a given name or a valid identifier leads to the customers that use its email, phone or
    external ID; where there are none, to the customer whose name its mailbox spells, if the name is rare, or who has
    the same mailbox but for a slip in the domain. Customers whose family name, gender or birth date differs are out of the
    question. One customer left, who uses all the values the cluster shares with anybody, takes it; of several, one whose
    records use them at least twice as often as those of all others. Else the cluster stays as it is, and so where
    a pair of ``linkage_apart`` forbids it, or with more than 50 records.
    """
    import pyarrow as pa

    con.register("linkage_label_arrow", pa.table({"i": np.arange(len(label)), "label": label}))
    con.execute(
        f"""create or replace temp table linkage_labelled as
        select i, label, given_sound, family_sound, gender_text, birth_text, email_text, email_user,
            bool_and({_NAMELESS}) over (partition by label) as is_nameless
        from linkage_attachable join linkage_label_arrow using (i)"""
    )
    con.unregister("linkage_label_arrow")
    values = " union ".join(
        f"select i, '{kind}' as kind, {column} as value from linkage_attachable where {column} is not null"
        for kind, column in _VALUES
    )
    con.execute(
        f"""create or replace temp table linkage_way as
        with used as ({values}),
        sought as (select distinct kind, value from used semi join linkage_labelled as l on l.i = used.i and l.is_nameless)
        select v.kind, v.value, l.label, any_value(l.is_nameless) as is_nameless, count(*) as uses
        from (from used semi join sought using (kind, value)) as v join linkage_labelled as l using (i)
        group by v.kind, v.value, l.label"""
    )
    con.execute(
        """create or replace temp table linkage_lead as
        select n.label as nameless, c.label as customer, count(*) as ways, sum(c.uses) as uses
        from linkage_way as n join linkage_way as c using (kind, value)
        where n.is_nameless and not c.is_nameless group by all"""
    )
    con.execute(f"insert into linkage_lead {_leads_of_mailboxes()}")
    found = con.execute(_decide()).fetchnumpy()
    for name in ("linkage_labelled", "linkage_way", "linkage_lead"):
        con.execute(f"drop table {name}")
    target = np.arange(len(label), dtype=np.int64)
    target[np.asarray(found["nameless"], dtype=np.int64)] = np.asarray(found["customer"], dtype=np.int64)
    return target[label]


def _leads_of_mailboxes() -> str:
    """SQL of leads (nameless, customer, 1, uses) for clusters whose values nobody else has."""
    domain = "split_part(email_text, '@', 2)"
    return f"""
        with mailbox as (
            select distinct label as nameless, email_user, {domain} as domain, {_LETTERS_OF_USER} as spelled
            from linkage_labelled
            where is_nameless and email_user is not null
                and label not in (select nameless from linkage_lead)
        ),
        bearer as (
            select label, given_sound, family_sound, count(*) as uses
            from linkage_labelled where not is_nameless and given_sound is not null and family_sound is not null
            group by all
        ),
        rare as (
            select label, uses, unnest([given_sound || family_sound, family_sound || given_sound]) as spelled
            from bearer semi join linkage_rare_name using (given_sound, family_sound)
        ),
        found as (
            select m.nameless, r.label as customer, r.uses from mailbox as m join rare as r using (spelled)
            union all
            select m.nameless, l.label, 1 from mailbox as m join linkage_labelled as l using (email_user)
            where not l.is_nameless and length(m.email_user) >= {SHORTEST_USER}
                and jaro_winkler_similarity(m.domain, {domain.replace("email_text", "l.email_text")}) >= {SIMILAR_DOMAIN}
        )
        select nameless, customer, 1 as ways, sum(uses) as uses from found group by all"""


def _decide() -> str:
    """SQL of (nameless, customer): the leads that are followed."""
    known = {"family": "family_sound", "gender": "gender_text", "birth": "birth_text"}
    lists = ", ".join(
        f"list(distinct {column}) filter ({column} is not null) as {name}" for name, column in known.items()
    )
    speaks_against = " or ".join(f"coalesce(not list_has_any(n.{name}, c.{name}), false)" for name in known)
    return f"""
        with known as (
            select label, {lists}, count(*) as members from linkage_labelled
            where label in (select nameless from linkage_lead union select customer from linkage_lead) group by label
        ),
        possible as (
            select l.*, n.members, c.members as customer_members,
                max(l.ways) over (partition by l.nameless) as most_ways
            from linkage_lead as l
            join known as n on n.label = l.nameless
            join known as c on c.label = l.customer
            where not ({speaks_against})
            and not exists (
                select 1 from linkage_apart as d
                join linkage_labelled as x on x.i = d.l join linkage_labelled as y on y.i = d.r
                where (x.label = l.nameless and y.label = l.customer) or (x.label = l.customer and y.label = l.nameless)
            )
        ),
        reach as (
            -- The ways that lead to anybody in question: who has not all of them is not the only one.
            select p.nameless, count(distinct (w.kind, w.value)) as ways
            from possible as p
            join linkage_way as w on w.label = p.nameless
            join linkage_way as c on c.label = p.customer and c.kind = w.kind and c.value = w.value
            group by p.nameless
        ),
        chosen as (
            select p.*
            from possible as p left join reach as r using (nameless)
            where p.ways >= coalesce(r.ways, 1)
            qualify p.uses >= {DOMINANT} * (sum(p.uses) over (partition by p.nameless) - p.uses)
                and row_number() over (partition by p.nameless order by p.uses desc, p.customer) = 1
        )
        select nameless, customer from chosen
        qualify customer_members + sum(members) over (partition by customer order by nameless) <= {LARGEST_CLUSTER}
        order by nameless"""
