"""make dedupe: one list of customers, in the formats people have, with the result in the list's own terms."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest

from tests.project import Project


@pytest.fixture(scope="module")
def contacts(demo: tuple[Project, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Contacts and shop accounts of the demo as one list with its truth, as Parquet."""
    project, _ = demo
    path = tmp_path_factory.mktemp("list") / "contacts.parquet"
    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        con.execute(f"""
            copy (
                select source_id as id, given_name as first_name, family_name as surname, birth_date as dob, email,
                    phone as mobile, city, postcode as zip, occupation || '' as "Favourite colour", entity_id as person
                from standardized.std_customer_records
                join read_parquet('{project.root}/data/demo_truth/customer_truth.parquet') as truth using (record_key)
                where source_system in ('zoho_crm', 'web_shop') and truth.party_type = 'person' and population = 'western'
                order by md5(record_key) limit 3000
            ) to '{path}'
        """)
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_list_comes_back_in_its_own_terms(demo: tuple[Project, str], contacts: Path, tmp_path: Path) -> None:
    done = demo[0].run("dedupe", str(contacts), "--truth", "person", "--out", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    xref, survivors = rows(tmp_path / "customers_xref.csv"), rows(tmp_path / "customers_deduplicated.csv")
    assert len(xref) == 3000
    assert list(xref[0])[:3] == ["id", "golden_id", "cluster_size"]
    assert len(survivors) == len({row["golden_id"] for row in xref})
    assert {"first_name", "surname", "Favourite colour", "person"} <= set(survivors[0])
    f1 = float(done.stdout.split("pairwise")[1].split("F1")[1].split()[0])
    assert f1 >= 0.95
    assert "B-cubed" in done.stdout


def test_formats_give_the_same_customers(demo: tuple[Project, str], tmp_path: Path) -> None:
    """A Chinese export in GB18030 with Chinese titles, and the same list as JSON lines with English ones."""
    people = [
        ("1", "王小明", "13812345678", "wang@example.com", "1980-02-03"),
        ("2", "Wang Xiaoming", "+86 138 1234 5678", "wang@example.com", "1980-02-03"),
        ("3", "李娜", "13987654321", "li@example.com", "1990-05-06"),
        ("4", "张伟", "13711112222", "zhang@example.com", "1975-11-12"),
        ("5", "欧阳娜娜", "13622223333", "ouyang@example.com", "2000-06-15"),
    ]
    chinese = tmp_path / "list.csv"
    chinese.write_bytes(
        ("编号,姓名,手机号,邮箱,生日\r\n" + "".join(",".join(row) + "\r\n" for row in people)).encode("gb18030")
    )
    english = tmp_path / "list.jsonl"
    titles = ("number", "full_name", "phone", "email", "birth_date")
    english.write_text(
        "".join(json.dumps(dict(zip(titles, row, strict=True))) + "\n" for row in people), encoding="utf-8"
    )
    results = []
    for path in (chinese, english):
        out = tmp_path / path.suffix[1:]
        done = demo[0].run("dedupe", str(path), "--out", str(out))
        assert done.returncode == 0, done.stdout + done.stderr
        xref = rows(out / "customers_xref.csv")
        assert next(iter(xref[0])) == "row_number"
        results.append([(row["row_number"], row["cluster_size"]) for row in xref])
    assert results[0] == results[1] == [("1", "2"), ("2", "2"), ("3", "1"), ("4", "1"), ("5", "1")]


def test_unusable_list_gives_one_clear_line(demo: tuple[Project, str], tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    done = demo[0].run("dedupe", str(path), "--out", str(tmp_path))
    assert done.returncode == 2
    assert "no column was recognised" in done.stdout
    assert "Traceback" not in done.stderr
