"""Bare records: they have a mailbox, a phone number or a shared identifier, but nobody's given name.

A newsletter's recipient, a caller, a follower who bound a number. Two of them compared with each other, or one with a
person, agree on one value and on nothing else, which the model rightly finds weak: a household shares its phone. But
where a value leads to one customer only, there is nobody else the record could belong to. Belongs here: finding that
customer. Does not belong here: evidence between records that say who they are (agglomeration).
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

# Ways to reach somebody: (kind, column). A number or mailbox is one kind whichever column it stands in.
_VALUES = (
    ("email", "email_text"),
    ("phone", "phone_main"),
    ("phone", "phone_other"),
    ("external id", "external_id_text"),
)


def join_bare_records(con: DuckDBPyConnection, label: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels of ``linkage_records`` (by ``i``), with bare records of one external ID joined to the smallest of them.

    A follower in two accounts, a subscriber of two lists: nothing is compared, but a source calls them by one ID.
    """
    found = con.execute(
        """select i, min(i) over id as first
        from linkage_records where is_bare and external_id_text is not null
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
    """The labels of ``linkage_records`` (by ``i``), with clusters of nameless records joined to the customer that they
    lead to.

    A cluster in which nobody has a given name or a valid identifier leads to the customers that use its email, phone or
    external ID; where there are none, to the customer whose name its mailbox spells, if the name is rare, or who has
    the same mailbox but for a slip in the domain. Customers whose family name, gender or birth date differs are out of the
    question. One customer left, who uses all the values the cluster shares with anybody, takes it; of several, one whose
    records use them at least twice as often as those of all others. Else the cluster stays as it is, and so where
    a decision in ``linkage_decided`` forbids it, or with more than 50 records.
    """
    import pyarrow as pa

    con.register("linkage_label_arrow", pa.table({"i": np.arange(len(label)), "label": label}))
    con.execute(
        """create or replace temp table linkage_labelled as
        select i, label, given_sound, family_sound, gender_text, birth_text, email_text, email_user,
            bool_and(given is null and identifier is null) over (partition by label) as is_nameless
        from linkage_records join linkage_label_arrow using (i)"""
    )
    con.unregister("linkage_label_arrow")
    values = " union ".join(
        f"select i, '{kind}' as kind, {column} as value from linkage_records where {column} is not null"
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
    letters = "regexp_replace(email_user, '[^a-z]', '', 'g')"
    domain = "split_part(email_text, '@', 2)"
    return f"""
        with mailbox as (
            select distinct label as nameless, email_user, {domain} as domain, {letters} as spelled
            from linkage_labelled
            where is_nameless and email_user is not null
                and label not in (select nameless from linkage_lead)
        ),
        total as (select count(distinct label) as customers from linkage_labelled where not is_nameless),
        bearer as (
            select label, given_sound, family_sound, count(*) as uses
            from linkage_labelled where not is_nameless and given_sound is not null and family_sound is not null
            group by all
        ),
        given as (select given_sound, count(distinct label) as n from bearer group by all),
        family as (select family_sound, count(distinct label) as n from bearer group by all),
        rare as (
            select b.label, b.uses, unnest([b.given_sound || b.family_sound, b.family_sound || b.given_sound]) as spelled
            from bearer as b join given as g using (given_sound) join family as f using (family_sound), total
            where g.n * f.n <= {NAMESAKES} * customers and length(b.given_sound || b.family_sound) >= {SHORTEST_NAME}
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
                select 1 from linkage_decided as d
                join linkage_labelled as x on x.i = d.l join linkage_labelled as y on y.i = d.r
                where not d.must and (
                    (x.label = l.nameless and y.label = l.customer) or (x.label = l.customer and y.label = l.nameless)
                )
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
