"""Records with a phone or a mailbox and no name of their own: whom they belong to, and when they stay alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pytest

from dagster_project.linkage import attachment
from dagster_project.linkage.attachment import LARGEST_CLUSTER, keep_apart

COLUMNS = (
    "given", "family", "birth_text", "identifier", "email_text", "phone_main", "phone_other", "external_id_text",
    "gender_text",
)  # fmt: skip
ANNA = {"given": "anna", "family": "weber", "birth_text": "19800203", "email_text": "a@x.org", "phone_main": "+491"}
PAUL = {"given": "paul", "family": "weber", "birth_text": "19790405", "email_text": "p@x.org", "phone_main": "+492"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "create temp table linkage_decisions (record_key_l varchar, record_key_r varchar, decision varchar)"
        )
        yield connection


def attach(con: duckdb.DuckDBPyConnection, *records: dict[str, Any], label: list[int] | None = None) -> list[int]:
    """Labels after attaching; before it every record is a cluster of its own, unless `label` says otherwise."""
    columns = ", ".join(f"{name} varchar" for name in COLUMNS)
    con.execute(f"create or replace temp table linkage_records (i int, {columns})")
    for i, record in enumerate(records):
        con.execute(
            f"insert into linkage_records values (?{', ?' * len(COLUMNS)})",
            [i, *(record.get(name) for name in COLUMNS)],
        )
    con.execute(
        """create or replace temp table linkage_records as
        select i as number, lpad(i::varchar, 3, '0') as content, 'r' || i as record_key, * exclude (i),
            coalesce(family, '') || coalesce(given, '') as whole, coalesce(given, '') || coalesce(family, '') as turned,
            given as given_sound, family as family_sound, split_part(email_text, '@', 1) as email_user,
            given is null and birth_text is null and identifier is null as is_bare
        from linkage_records"""
    )
    labels = label or list(range(len(records)))
    con.execute("create or replace temp table clusters (number int, core int)")
    con.executemany("insert into clusters values (?, ?)", list(enumerate(labels)))
    attachment.attach(con, "linkage_records", "clusters")
    moved = dict(con.execute("from linkage_attachment").fetchall())
    return [moved.get(number, core) for number, core in enumerate(labels)]


def test_a_bare_record_joins_the_only_customer_with_its_value(con: duckdb.DuckDBPyConnection) -> None:
    assert attach(con, ANNA, PAUL, {"email_text": "p@x.org"}) == [0, 1, 1]
    assert attach(con, ANNA, PAUL, {"phone_other": "+491"}) == [0, 1, 0]
    assert attach(con, ANNA | {"external_id_text": "M1"}, PAUL, {"external_id_text": "M1"}) == [0, 1, 0]


def test_bare_records_that_belong_together_join_together(con: duckdb.DuckDBPyConnection) -> None:
    caller, follower = {"phone_main": "+499", "email_text": "p@x.org"}, {"phone_main": "+499"}
    assert attach(con, ANNA, PAUL, caller, follower, label=[0, 1, 2, 2]) == [0, 1, 1, 1]


def test_a_value_of_two_customers_says_nothing(con: duckdb.DuckDBPyConnection) -> None:
    assert attach(con, ANNA, PAUL | {"phone_main": "+491"}, {"phone_main": "+491"}) == [0, 1, 2]
    # One value leads to Anna, the other to Paul.
    assert attach(con, ANNA, PAUL, {"phone_main": "+491", "email_text": "p@x.org"}) == [0, 1, 2]


def test_a_family_name_speaks_for_or_against(con: duckdb.DuckDBPyConnection) -> None:
    assert attach(con, ANNA, {"family": "weber", "phone_main": "+491"}) == [0, 0]
    assert attach(con, ANNA, {"family": "huber", "phone_main": "+491"}) == [0, 1]


def test_gender_and_birth_date_speak_against(con: duckdb.DuckDBPyConnection) -> None:
    anna, paul = ANNA | {"gender_text": "female"}, PAUL | {"gender_text": "male", "phone_main": "+491"}
    # They share the phone; the caller is a man.
    assert attach(con, anna, paul, {"phone_main": "+491", "gender_text": "male"}) == [0, 1, 1]
    assert attach(con, anna, {"phone_main": "+491", "birth_text": "19990101"}) == [0, 1]
    assert attach(con, anna, {"phone_main": "+491", "birth_text": "19800203"}) == [0, 0]


def test_a_record_that_says_who_it_is_is_left_to_the_evidence(con: duckdb.DuckDBPyConnection) -> None:
    for own in ({"given": "ann"}, {"identifier": "1"}):
        assert attach(con, ANNA, own | {"phone_main": "+491"}) == [0, 1]


def test_who_uses_a_value_twice_as_often_has_it(con: duckdb.DuckDBPyConnection) -> None:
    borrowed = PAUL | {"phone_main": "+491"}
    assert attach(con, ANNA, ANNA, borrowed, {"phone_main": "+491"}, label=[0, 0, 2, 3])[-1] == 0
    assert attach(con, ANNA, borrowed, {"phone_main": "+491"})[-1] == 2


def test_a_mailbox_that_spells_a_rare_name_leads_to_its_bearer(con: duckdb.DuckDBPyConnection) -> None:
    others = [{"given": f"g{n}", "family": f"f{n}"} for n in range(30)]
    box = {"email_text": "weber.anna7@y.org"}
    assert attach(con, ANNA, box, *others)[1] == 0
    # Common names: one Anna and one Weber in six.
    common = [{"given": "anna", "family": f"f{n}"} for n in range(5)] + [
        {"given": f"g{n}", "family": "weber"} for n in range(5)
    ]
    assert attach(con, ANNA, box, *common, *others[:20])[1] == 1


def test_a_slip_behind_the_at_sign_leads_to_the_mailbox(con: duckdb.DuckDBPyConnection) -> None:
    anna = ANNA | {"email_text": "annaw77@hotmail.com"}
    assert attach(con, anna, {"email_text": "annaw77@hotmail.co"}) == [0, 0]
    assert attach(con, anna, {"email_text": "annaw77@web.de"}) == [0, 1]


def test_bare_records_of_one_external_id_are_joined(con: duckdb.DuckDBPyConnection) -> None:
    one, other = ({"external_id_text": "U1", "gender_text": gender} for gender in ("male", "female"))
    assert attach(con, one, {"external_id_text": "U1"}, ANNA) == [0, 0, 2]
    assert attach(con, one, other, ANNA) == [0, 1, 2]


def test_bare_records_alone_make_no_customer(con: duckdb.DuckDBPyConnection) -> None:
    assert attach(con, {"phone_main": "+491"}, {"phone_main": "+491"}) == [0, 1]


def test_a_steward_who_said_no_is_heard(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into linkage_decisions values ('r0', 'r1', 'no_match')")
    assert attach(con, ANNA, {"phone_main": "+491"}) == [0, 1]


def test_no_cluster_grows_beyond_the_limit(con: duckdb.DuckDBPyConnection) -> None:
    many = [{"phone_main": "+491"}] * (LARGEST_CLUSTER + 5)
    labels = attach(con, ANNA, *many)
    assert labels.count(0) == LARGEST_CLUSTER


def test_two_bare_records_kept_apart_do_not_meet_in_the_customer_both_lead_to() -> None:
    core, everywhere = np.array([0, 1, 1, 3, 4, 4]), np.zeros(6, dtype=np.int64)
    label = keep_apart(core, everywhere, np.array([1]), np.array([3]))
    assert label.tolist() == [0, 1, 1, 3, 0, 0], "the whole clusters of both stay alone, others are attached"
    label = keep_apart(core, everywhere, np.array([0, 1]), np.array([4, 3]))
    assert label.tolist() == [0, 1, 1, 3, 4, 4], "who is kept apart from the customer itself stays alone"
