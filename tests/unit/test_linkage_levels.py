"""Each comparison level is reached by the values it was declared for, whichever record comes first."""

import duckdb
import pytest

from dagster_project.linkage.comparisons import ORGANIZATION, PERSON
from dagster_project.linkage.records import prepare_records
from dagster_project.linkage.splink_engine import comparison_vectors_sql, level_names


def reached(party, comparison, left, right):
    """The level label reached by two records, in both directions; both must agree."""
    labels = set()
    for first, second in ((left, right), (right, left)):
        with duckdb.connect(":memory:") as con:
            for number, record in enumerate((first, second)):
                values = {"record_key": f"r{number}", "party_type": party.party_type, **record}
                columns = ", ".join(
                    f"{'$' + name}::{'date' if name == 'birth_date' else 'varchar'} as {name}" for name in values
                )
                verb = "insert into records by name" if number else "create table records as"
                con.execute(f"{verb} select {columns}", values)
            prepare_records(con, party, "records")
            con.execute("create table pairs as select 0 as l, 1 as r")
            sql = comparison_vectors_sql(party, "linkage_records", "pairs")
            gamma = con.execute(f"select gamma_{comparison} from ({sql})").fetchall()[0][0]
        declared = next(c for c in party.comparisons if c.name == comparison)
        levels = [label for label, _, _ in level_names(declared)]
        labels.add("null" if gamma < 0 else levels[len(levels) - 1 - gamma])
    assert len(labels) == 1, f"the order of the records matters: {labels}"
    return labels.pop()


def person(given=None, family=None, **other):
    return {"given_name": given, "family_name": family, "name_pinyin": None, **other}


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (person("Mary", "Smith"), person("MARY", "Jones"), "equal"),
        (person("José", "Smith"), person("jose", "Jones"), "equal"),
        (person("Bill", "Smith"), person("William", "Smith"), "nickname"),
        (person("M", "Smith"), person("Mary", "Smith"), "initial or shortened"),
        (person("Smith", "Mary"), person("Mary", "Smith"), "swapped"),
        (person("Smyth", "Mary"), person("Mary", "Smith"), "swapped"),
        (person("Mray", "Smith"), person("Mary", "Smith"), "near"),
        (person("Mary", "Smith"), person("Robert", "Smith"), "different"),
        (person(None, "Smith"), person("Robert", "Smith"), "null"),
        (
            person("小明", "王", name_pinyin="wang xiaoming"),
            person("晓明", "王", name_pinyin="wang xiaoming"),
            "same sound",
        ),
        (
            person("小明", "王", name_pinyin="wang xiaoming"),
            person("Xiaoming", "Wang", name_pinyin="wang xiaoming"),
            "same sound",
        ),
        (
            person("小明", "王", name_pinyin="wang xiaoming"),
            person("Wang", "Xiaoming", name_pinyin="xiaoming wang"),
            "swapped",
        ),
        (
            person("小明", "王", name_pinyin="wang xiaoming"),
            person("小红", "王", name_pinyin="wang xiaohong"),
            "different",
        ),
        (person("小明", "王", name_pinyin="wang xiaoming"), person("Coco", "Wang"), "null"),
        (
            person("Chen Qing", "Guo", name_pinyin="guo chenqing"),
            person("庆国", "陈", name_pinyin="chen qingguo"),
            "cut elsewhere",
        ),
        (person(None, "Lixia"), person("霞", "李", name_pinyin="li xia"), "cut elsewhere"),
        (person(None, "Wang"), person(None, "Wang"), "null"),
        (person("Patrick", "Smith"), person("Patricia", "Smith"), "alike, both common"),
        (person("Amy", "Clark"), person("Any", "Clark"), "one letter of a short name"),
        (person("Amy", "Clark"), person("Sue", "Clark"), "different"),
        (person("伟", "王", name_pinyin="wang wei"), person("芳", "王", name_pinyin="wang fang"), "different"),
    ],
)
def test_given_name(left, right, level):
    assert reached(PERSON, "given_name", left, right).startswith(level)


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("1980-03-04", "1980-03-04", "equal"),
        ("1980-03-04", "1980-04-03", "one edit or day and month swapped"),
        ("1980-03-04", "1980-03-05", "one edit or day and month swapped"),
        ("1980-03-04", "1908-03-04", "one edit or day and month swapped"),
        ("1980-03-14", "1980-01-01", "first of January of the same year"),
        ("1980-03-14", "1980-03-29", "two parts of three"),
        ("1980-03-14", "1964-11-29", "different"),
        (None, "1964-11-29", "null"),
    ],
)
def test_birth_date(left, right, level):
    assert reached(PERSON, "birth_date", {"birth_date": left}, {"birth_date": right}) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (
            {"street": "12 Mill Street", "house_number": None},
            {"street": "Mill St", "house_number": "12"},
            "street and number",
        ),
        (
            {"street": "Mill Street", "house_number": "12"},
            {"street": "Mill St", "house_number": "012"},
            "street and number",
        ),
        ({"street": "Mill Street", "house_number": "12"}, {"street": "Mill St", "house_number": "13"}, "street only"),
        ({"street": "Mill Street", "house_number": "12"}, {"street": "Oak Lane", "house_number": "12"}, "number only"),
        ({"street": None}, {"street": "Oak Lane"}, "null"),
    ],
)
def test_street(left, right, level):
    assert reached(PERSON, "street", left, right) == level


def test_either_phone_agrees_with_either_phone():
    left = {"phone": "+8613800000001", "phone_alt": "+8613800000002"}
    right = {"phone": "+8613800000003", "phone_alt": "+8613800000001"}
    assert reached(PERSON, "phone", left, right) == "equal"


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("ann.lee@example.org", "ann.lee@example.org", "equal"),
        ("ann.lee@example.org", "ann.lee@example.net", "same user at another domain"),
        ("ann.lee@example.org", "ann.eel@example.org", "near"),
        ("ann.lee@example.org", "bob.ray@example.com", "different"),
    ],
)
def test_email(left, right, level):
    assert reached(PERSON, "email", {"email": left}, {"email": right}) == level


def test_company_name():
    left = {"company_name": "Acme Trading"}
    assert reached(ORGANIZATION, "company_name", left, {"company_name": "ACME-Trading"}).startswith("equal")
    assert reached(ORGANIZATION, "company_name", left, {"company_name": "Acme"}) == "contained"
    assert reached(ORGANIZATION, "company_name", left, {"company_name": "Northern Foods"}) == "different"
    raven = {"company_name": "Garnet Raven Foods Ltd"}
    assert reached(ORGANIZATION, "company_name", raven, {"company_name": "Garnet Raven Hotels Ltd"}) == "another word"
    assert reached(ORGANIZATION, "company_name", raven, {"company_name": "Garnet Raven Fodos Limited"}) == "near"


def test_a_mailbox_that_is_a_mobile_number_is_one():
    left = {"phone": "+8613576805149", "email": None}
    assert reached(PERSON, "phone", left, {"phone": None, "email": "13576805149@163.com"}) == "equal"
    assert reached(PERSON, "phone", left, {"phone": None, "email": "3576805149@qq.com"}) == "null"


def test_the_mailbox_an_address_reaches_is_compared_where_it_is_known():
    left = {"email": "a.nn.lee@gmail.com", "email_mailbox": "annlee@gmail.com"}
    assert reached(PERSON, "email", left, {"email": "annlee@gmail.com", "email_mailbox": None}) == "equal"


def test_identifiers_follow_their_check_digits():
    from stdnum.cn import ric, uscc

    people = ["11010519491231002X", "110105194912310021", "440308199901101512", "123456"]
    companies = ["91110000600037341L", "91110000600037341A", "HRB 12345"]
    with duckdb.connect(":memory:") as con:
        con.execute(
            "create table records (record_key varchar, party_type varchar, national_id varchar, company_id varchar)"
        )
        con.executemany(
            "insert into records values (?, 'person', ?, null)", [(f"p{n}", v) for n, v in enumerate(people)]
        )
        con.executemany(
            "insert into records values (?, 'organization', null, ?)", [(f"c{n}", v) for n, v in enumerate(companies)]
        )
        for party, values, standard in ((PERSON, people, ric), (ORGANIZATION, companies, uscc)):
            prepare_records(con, party, "records")
            found = dict(con.execute("select record_key, identifier from linkage_records").fetchall())
            prefix = party.party_type[0] if party is PERSON else "c"
            for number, value in enumerate(values):
                checked = found[f"{prefix}{number}"] == value
                # The library also checks the place of birth and the date; the check digit is what is compared here.
                assert checked or not standard.is_valid(value), value
                if checked:
                    assert standard.calc_check_digit(value) == value[-1]
            assert any(found.values()), "no identifier was recognised at all"
