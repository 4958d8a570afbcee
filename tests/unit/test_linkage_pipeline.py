"""From records to clusters on a few hundred made-up people: determinism, decisions, guards, degenerate data."""

import json

import duckdb
import numpy as np
import pytest

from dagster_project.linkage.clustering import cluster
from dagster_project.linkage.model import LinkageModel
from dagster_project.linkage.scoring import score_pairs
from dagster_project.linkage.training import train

GIVEN = [
    "Anna",
    "Bert",
    "Clara",
    "David",
    "Eva",
    "Frank",
    "Greta",
    "Hans",
    "Ida",
    "Jonas",
    "Karla",
    "Leon",
    "Mia",
    "Nils",
]
SYLLABLES = ["bar", "den", "fel", "gor", "hal", "kin", "lom", "mar", "nor", "pel", "ros", "tan", "vel", "wes"]
RECORDS = "standardized.std_customer_records"


def people(count=150, seed=5):
    """Rows of two sources: every person in the first, half of them again in the second, some damaged."""
    generator = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        family = "".join(generator.choice(SYLLABLES, 2)).capitalize()
        given = str(generator.choice(GIVEN))
        birth = f"{generator.integers(1940, 2005)}-{generator.integers(1, 13):02d}-{generator.integers(1, 29):02d}"
        street = f"{''.join(generator.choice(SYLLABLES, 2))} street"
        row: dict[str, str | None] = {
            "record_key": f"crm:person:{number}",
            "party_type": "person",
            "given_name": given,
            "family_name": family,
            "birth_date": birth,
            "email": f"{given}.{family}{number}@example.org".lower(),
            "phone": f"+4930{generator.integers(10**6, 10**7)}",
            "street": street,
            "house_number": str(generator.integers(1, 99)),
            "city": "Berlin",
            "postcode": str(10000 + generator.integers(0, 40)),
        }
        rows.append(row)
        if number % 2:
            again = dict(row, record_key=f"shop:person:{number}")
            damage = generator.integers(0, 4)
            if damage == 0:
                again["given_name"] = given[:1]
            elif damage == 1:
                again["family_name"] = family[1] + family[0] + family[2:]
            elif damage == 2:
                again["email"] = None
            rows.append(again)
    return rows


def load(con, rows):
    con.execute("create schema if not exists standardized")
    con.execute("create schema if not exists linkage")
    names = list(dict.fromkeys(name for row in rows for name in row))
    types = {name: "date" if name == "birth_date" else "varchar" for name in names}
    con.execute(f"create or replace table {RECORDS} ({', '.join(f'{n} {t}' for n, t in types.items())})")
    con.executemany(
        f"insert into {RECORDS} values ({', '.join('?' * len(names))})", [[row.get(n) for n in names] for row in rows]
    )


def link(rows, *, threads=2, decisions=None, model=None):
    """(model, clusters as a set of frozensets of keys, review rows, rows of the cluster table)."""
    with duckdb.connect(":memory:") as con:
        con.execute(f"set threads = {threads}")
        load(con, rows)
        model = model or train(con, progress=lambda _: None)
        score_pairs(con, model, progress=lambda _: None)
        name = None
        if decisions is not None:
            name = "linkage.decisions"
            con.execute(f"create table {name} (record_key_l varchar, record_key_r varchar, decision varchar)")
            con.executemany(f"insert into {name} values (?, ?, ?)", decisions)
        cluster(con, model, decisions=name, progress=lambda _: None)
        table = con.execute("select * from linkage.clusters").fetchall()
        pairs = con.execute("select * from linkage.candidate_pairs").fetchall()
        review = con.execute("select * from linkage.review_candidates").fetchall()
    groups = {}
    for key, cluster_id, _, size, _ in table:
        groups.setdefault(cluster_id, set()).add(key)
        assert size >= 1
    return model, {frozenset(g) for g in groups.values()}, review, (table, pairs)


def test_the_doubles_are_found_and_every_record_is_kept_once():
    rows = people()
    _, groups, _, (table, pairs) = link(rows)
    assert sorted(key for key, *_ in table) == sorted(row["record_key"] for row in rows)
    assert all(left < right for left, right, *_ in pairs)
    pairs_found = [group for group in groups if len(group) == 2]
    assert sum(len({key.split(":")[2] for key in group}) == 1 for group in pairs_found) >= 70
    assert all(len({key.split(":")[2] for key in group}) == 1 for group in groups)


def test_cluster_id_is_the_smallest_member():
    _, _, _, (table, _) = link(people())
    members = {}
    for key, cluster_id, *_ in table:
        members.setdefault(cluster_id, []).append(key)
    assert all(cluster_id == min(keys) for cluster_id, keys in members.items())


def test_the_same_bytes_for_shuffled_rows_and_any_number_of_threads():
    rows = people()
    shuffled = [rows[n] for n in np.random.default_rng(9).permutation(len(rows))]
    first, second = link(rows, threads=1), link(shuffled, threads=4)
    assert first[0].to_json() == second[0].to_json()
    assert first[2:] == second[2:]


def test_renamed_sources_give_the_same_clusters():
    rows = people()
    renamed = [dict(r, record_key=r["record_key"].replace("crm:", "zeta:").replace("shop:", "alpha:")) for r in rows]
    groups = link(rows)[1]
    back = {frozenset(k.replace("zeta:", "crm:").replace("alpha:", "shop:") for k in g) for g in link(renamed)[1]}
    assert groups == back


def test_a_saved_model_is_the_same_model_and_links_alike(tmp_path):
    rows = people()
    model, groups, _, _ = link(rows)
    model.save(tmp_path)
    loaded = LinkageModel.load(tmp_path)
    assert loaded.version == model.version
    assert link(rows, model=loaded)[1] == groups


def test_splink_settings_and_charts():
    from splink import SettingsCreator

    model = link(people())[0]
    settings = model.splink_settings()["person"]
    SettingsCreator.from_path_or_dict(settings).get_settings("duckdb")
    levels = [level for c in settings["comparisons"] for level in c["comparison_levels"]]
    assert all("m_probability" in level for level in levels if not level.get("is_null_level"))
    charts = model.charts()
    assert set(charts) == {"person_match_weights", "person_m_u_parameters"}
    assert all("vega" in json.dumps(chart) for chart in charts.values())


def test_a_changed_declaration_is_refused_on_load(tmp_path):
    path = link(people(20))[0].save(tmp_path)
    path.write_text(path.read_text().replace('"two parts of three"', '"two of three"'))
    with pytest.raises(ValueError, match="birth_date"):
        LinkageModel.load(tmp_path)


def test_decisions_hold_against_the_model():
    rows = people()
    one, other = "crm:person:1", "shop:person:1"
    apart = [("crm:person:2", "crm:person:4", "match"), (one, other, "no_match")]
    model, groups, _, _ = link(rows)
    assert frozenset((one, other)) in groups
    _, decided, review, _ = link(rows, decisions=apart, model=model)
    assert any({"crm:person:2", "crm:person:4"} <= group for group in decided)
    assert not any({one, other} <= group for group in decided)
    assert (one, other) not in {(left, right) for left, right, *_ in review}


def three_copies():
    """People of whom a third source has the first one's record once more, and two of the keys."""
    rows = people()
    once_more = [
        dict(r, record_key=r["record_key"].replace("crm:", "app:")) for r in rows if r["record_key"] == "crm:person:1"
    ]
    return rows + once_more, "crm:person:1", "shop:person:1", "app:person:1"


def test_kept_apart_holds_through_a_third_record_that_is_like_both():
    rows, one, other, third = three_copies()
    model, groups, _, _ = link(rows)
    assert frozenset((one, other, third)) in groups
    _, decided, _, _ = link(rows, decisions=[(one, other, "no_match")], model=model)
    parts = sorted((g for g in decided if g & {one, other, third}), key=len)
    assert [len(g) for g in parts] == [1, 2], "the third goes with the one that it fits better"
    assert not any({one, other} <= group for group in decided)


def test_kept_apart_holds_between_all_that_stewards_tie_to_either_side():
    rows, one, other, third = three_copies()
    far = "crm:person:2"
    decisions = [(one, third, "match"), (other, far, "match"), (one, other, "no_match")]
    _, decided, _, _ = link(rows, decisions=decisions)
    assert {frozenset((one, third)), frozenset((other, far))} <= {g & {one, other, third, far} for g in decided}


@pytest.mark.parametrize("seed", range(10))
def test_ten_orders_of_rows_under_ten_names_of_sources_give_the_same_clusters(seed):
    generator = np.random.default_rng(seed)
    rows = people(60)
    names = dict(
        zip(("crm", "shop"), generator.permutation([f"system_{seed}_{letter}" for letter in "ab"]), strict=True)
    )

    def renamed(key):
        source, _, rest = key.partition(":")
        return f"{names[source]}:{rest}"

    shuffled = [dict(rows[n], record_key=renamed(rows[n]["record_key"])) for n in generator.permutation(len(rows))]
    model, groups, review, _ = link(rows, threads=1)
    other_model, other_groups, other_review, _ = link(shuffled, threads=1 + seed % 3)
    assert other_model.to_json() == model.to_json()
    assert other_groups == {frozenset(map(renamed, group)) for group in groups}
    assert len(other_review) == len(review)


def test_an_unknown_decision_is_an_error():
    with pytest.raises(ValueError, match="perhaps"):
        link(people(10), decisions=[("crm:person:1", "shop:person:1", "perhaps")])


def test_two_valid_national_ids_never_share_a_cluster():
    rows = people()
    for row in rows:
        if row["record_key"] == "crm:person:1":
            row["national_id"] = "11010519491231002X"
        if row["record_key"] == "shop:person:1":
            row["national_id"] = "440524188001010014"
    _, groups, review, _ = link(rows)
    assert not any({"crm:person:1", "shop:person:1"} <= group for group in groups)
    reasons = {(left, right): reason for left, right, reason, _ in review}
    assert reasons.get(("crm:person:1", "shop:person:1")) in (None, "conflicting identifiers")


def test_an_email_used_by_everybody_links_nobody():
    rows = people()
    for row in rows:
        row["email"] = "shop@example.org"
    _, groups, _, _ = link(rows)
    assert all(len({key.split(":")[2] for key in group}) == 1 for group in groups)


def test_people_and_organisations_are_linked_apart():
    rows = people(60)
    for number in range(12):
        company = {
            "record_key": f"erp:company:{number}",
            "party_type": "organization",
            "company_name": f"{SYLLABLES[number].capitalize()} {SYLLABLES[-number - 1]} trading",
            "company_id": None,
            "phone": rows[number]["phone"],
            "city": "Berlin",
            "postcode": str(10000 + number),
        }
        rows += [company, dict(company, record_key=f"web:company:{number}")]
    model, groups, _, _ = link(rows)
    assert {p.party_type for p in model.parties} == {"person", "organization"}
    assert all(len({key.split(":")[1] for key in group}) == 1 for group in groups)
    for number in range(12):
        assert frozenset((f"erp:company:{number}", f"web:company:{number}")) in groups


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"record_key": "a:p:1", "party_type": "person", "given_name": "Anna"}],
        [{"record_key": f"a:p:{n}", "party_type": "person"} for n in range(5)],
        [{k: v for k, v in row.items() if k in ("record_key", "family_name")} for row in people(40)],
        [row for row in people(80) if row["record_key"].startswith("crm:")],
    ],
    ids=["no record", "one record", "nothing but keys", "one field", "no duplicate"],
)
def test_degenerate_data_works(rows):
    with_columns = rows or [{"record_key": "x", "party_type": "person", "given_name": None}]
    with duckdb.connect(":memory:") as con:
        load(con, with_columns)
        if not rows:
            con.execute(f"delete from {RECORDS}")
        model = train(con, progress=lambda _: None)
        score_pairs(con, model, progress=lambda _: None)
        clusters = cluster(con, model, progress=lambda _: None)
        kept = con.execute("select count(*) from linkage.clusters").fetchall()[0][0]
    assert kept == len(rows)
    if len(rows) == 5:
        assert clusters == 5, "records without a value are nobody's duplicates"


def test_three_fields_are_enough():
    rows = [
        {k: v for k, v in row.items() if k in ("record_key", "given_name", "family_name", "birth_date")}
        for row in people(400, seed=8)
    ]
    _, groups, _, _ = link(rows)
    right = sum(len(group) == 2 and len({key.split(":")[2] for key in group}) == 1 for group in groups)
    wrong = sum(len({key.split(":")[2] for key in group}) > 1 for group in groups)
    assert right >= 180
    assert wrong <= 2


def test_a_party_type_unknown_to_the_model_is_kept_alone():
    rows = people(30)
    model, *_ = link(rows)
    company = {"record_key": "erp:company:1", "party_type": "organization", "company_name": "Bar Trading"}
    _, groups, _, _ = link([*rows, company, dict(company, record_key="erp:company:2")], model=model)
    assert {frozenset(("erp:company:1",)), frozenset(("erp:company:2",))} <= groups
