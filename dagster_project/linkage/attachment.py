"""Bare records: they have a mailbox, a phone number or a shared identifier, but nobody's given name or birth date.

A newsletter's recipient, a caller, a follower who bound a number. Two of them compared with each other, or one with a
person, agree on one value and on nothing else, which the model rightly finds weak: a household shares its phone. But as
long as only one customer uses the value, there is nobody else the record could belong to. Belongs here: finding that
customer. Does not belong here: evidence between records that say who they are (agglomeration).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

LARGEST_CLUSTER = 50
_VALUES = ("email_text", "phone_main", "phone_other", "external_id_text")


def attach_bare_records(con: DuckDBPyConnection, label: NDArray[np.int64]) -> NDArray[np.int64]:
    """The labels of ``linkage_records`` (by ``i``), with clusters of bare records joined to the only customer that uses
    one of their values.

    A cluster is joined when all the values it shares with customers lead to the same one, when no family name of its
    own speaks against that customer, when no decision in ``linkage_decided`` forbids it, and up to 50 records.
    """
    import pyarrow as pa

    con.register("linkage_label_arrow", pa.table({"i": np.arange(len(label)), "label": label}))
    con.execute(
        """create or replace temp table linkage_labelled as
        select i, label, family, given is null and birth_text is null and identifier is null as is_bare
        from linkage_records join linkage_label_arrow using (i)"""
    )
    con.unregister("linkage_label_arrow")
    values = " union ".join(
        f"select i, '{'phone' if column.startswith('phone') else column}' as kind, {column} as value"
        f" from linkage_records where {column} is not null"
        for column in _VALUES
    )
    found = con.execute(
        f"""with used as ({values}),
        cluster as (
            select label, bool_and(is_bare) as is_bare, count(*) as members from linkage_labelled group by label
        ),
        shared as (
            select distinct bare.label as bare, named.label as named
            from used as a
            join linkage_labelled as bare on bare.i = a.i
            join cluster as bare_cluster on bare_cluster.label = bare.label and bare_cluster.is_bare
            join used as b on b.kind = a.kind and b.value = a.value
            join linkage_labelled as named on named.i = b.i
            join cluster as named_cluster on named_cluster.label = named.label and not named_cluster.is_bare
        ),
        only_one as (select bare, any_value(named) as named from shared group by bare having count(*) = 1)
        select bare, named
        from only_one
        join cluster as b on b.label = bare
        join cluster as n on n.label = named
        where not exists (
            select 1 from linkage_labelled as x
            where x.label = bare and x.family is not null
                and x.family not in (select family from linkage_labelled as y where y.label = named and y.family is not null)
        )
        and not exists (
            select 1 from linkage_decided as d
            join linkage_labelled as x on x.i = d.l join linkage_labelled as y on y.i = d.r
            where not d.must and ((x.label = bare and y.label = named) or (x.label = named and y.label = bare))
        )
        qualify n.members + sum(b.members) over (partition by named order by bare) <= {LARGEST_CLUSTER}
        order by bare"""
    ).fetchnumpy()
    con.execute("drop table linkage_labelled")
    target = np.arange(len(label), dtype=np.int64)
    target[np.asarray(found["bare"], dtype=np.int64)] = np.asarray(found["named"], dtype=np.int64)
    return target[label]
