"""make dedupe: one list of customers through the same standardization, linkage, golden IDs and survivorship."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from dagster_project.dedupe.models import build_models
from dagster_project.settings import Settings, home
from dagster_project.warehouse import connect, count_rows, quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECORD_PREFIX = "list:customers:"
# Values of customers; what golden says of companies, households and visitors needs more than a list.
SURVIVING = ["golden_xref", "golden_survivors", "golden_value_origins", "golden_customers"]
# A list has no business date of its own; its golden IDs live as long as the list.
NO_DATE = date(1970, 1, 1)


def deduplicate_file(file: Path, *, truth: str | None, out: Path | None) -> int:
    """Write customers_deduplicated.csv and customers_xref.csv for a list; print what was found. 0, or 2 for a bad list."""
    from dagster_project.dedupe.read_list import UnreadableList

    console = Console(file=sys.stdout, highlight=False)
    target = (out or home() / "data" / "dedupe").resolve()
    target.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()

    def progress(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:6.1f}s[/dim] {line}")

    settings = Settings.from_environment()
    with tempfile.TemporaryDirectory(prefix="golden-customer-") as name:
        scratch = Path(name)
        warehouse = scratch / "warehouse.duckdb"
        try:
            with connect(warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
                key, mapping = _load(con, file, truth, scratch, console)
        except UnreadableList as error:
            console.print(f"[red]{error}[/red]")
            return 2
        progress("standardizing")
        build_models(warehouse, ["resource_type:seed", "+std_customer_records"])
        with connect(warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
            _link(con, progress)
        progress("surviving values")
        build_models(warehouse, SURVIVING)
        with connect(warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
            _write(con, key, mapping, target)
            _report(con, console, target, key, truth)
    return 0


def _load(
    con: DuckDBPyConnection, file: Path, truth: str | None, scratch: Path, console: Console
) -> tuple[str, dict[str, str]]:
    """Fill raw.list__customers; returns the title of the key column ('row_number' when there is none) and the mapping."""
    from dagster_project.dedupe.birth_dates import date_expression
    from dagster_project.dedupe.columns import key_column, recognise_columns
    from dagster_project.dedupe.read_list import UnreadableList, read_list

    titles = read_list(con, file, scratch)
    if truth is not None and truth not in titles:
        raise UnreadableList(f"TRUTH={truth}: {file.name} has no such column. It has: {', '.join(titles)}.")
    key = key_column([title for title in titles if title != truth])
    if key is not None:
        column = quote_identifier(key)
        bad = con.execute(f"select count(*) - count(distinct {column}) from given").fetchone()
        if bad is not None and bad[0]:
            console.print(
                f"[yellow]Column {key} is not unique in every row ({bad[0]:,}): the row number is the key.[/yellow]"
            )
            key = None
    mapping = recognise_columns(titles, {title for title in (key, truth) if title})
    if not mapping:
        raise UnreadableList(f"{file.name}: no column was recognised. It has: {', '.join(titles)}.")
    console.print("Columns: " + ", ".join(f"{title} → {column}" for column, title in mapping.items()))
    unknown = [title for title in titles if title not in mapping.values() and title not in (key, truth)]
    if unknown:
        console.print(f"Passed through unread: {', '.join(unknown)}")

    source_id = quote_identifier(key) if key else '"#"'
    columns = {column: quote_identifier(title) for column, title in mapping.items()}
    if "birth_date" in mapping:
        columns["birth_date"] = date_expression(con, "given", mapping["birth_date"])
    if "source_updated_at" in mapping:
        columns["source_updated_at"] = f"try_cast({columns['source_updated_at']} as timestamp)"
    people = [name for name in ("full_name", "given_name", "family_name") if name in mapping]
    has_person = f"coalesce({', '.join(columns[name] for name in people)}) is not null" if people else "false"
    has_company = f"{columns['company_name']} is not null" if "company_name" in mapping else "false"
    stated = columns.pop("party_type", "null")
    columns["party_type"] = (
        f"case when lower({stated}) in ('organization', 'organisation', 'company') then 'organization'"
        f" when lower({stated}) in ('person', 'individual') then 'person'"
        f" when not ({has_person}) and {has_company} then 'organization' else 'person' end"
    )
    selected = ", ".join(f"{expression} as {column}" for column, expression in columns.items())
    con.execute(
        f"create table raw.list__customers as select 'list' as source_system, 'customers' as source_object,"
        f' cast({source_id} as varchar) as source_id, {selected} from given order by "#"'
    )
    con.execute(
        f'create table raw.list__given as select cast({source_id} as varchar) as source_id, * from given order by "#"'
    )
    if truth is not None:
        con.execute(
            f"create table raw.list__truth as select {quote_literal(RECORD_PREFIX)} || source_id as record_key,"
            f" {quote_identifier(truth)} as entity_id from raw.list__given where {quote_identifier(truth)} is not null"
        )
    return key or "row_number", mapping


def _link(con: DuckDBPyConnection, progress) -> None:  # noqa: ANN001 - a function of one line
    from dagster_project.linkage.clustering import cluster
    from dagster_project.linkage.golden_ids import assign_golden_ids
    from dagster_project.linkage.scoring import score_pairs
    from dagster_project.linkage.training import train

    model = train(con, progress=progress)
    score_pairs(con, model, progress=progress)
    cluster(con, model, progress=progress, largest_cluster=None)
    assign_golden_ids(con, run_id="list", as_of=NO_DATE)


def _write(con: DuckDBPyConnection, key: str, mapping: dict[str, str], target: Path) -> None:
    """The two result files, in the order of the list."""
    key_name = quote_identifier(key)
    con.execute(f"""
        create or replace temp table linked as
        select given.source_id, given."#" as row_number, assignment.golden_id, clusters.cluster_size
        from raw.list__given as given
        join linkage.golden_id_assignment as assignment on assignment.record_key = {quote_literal(RECORD_PREFIX)} || given.source_id
        join linkage.clusters as clusters on clusters.record_key = assignment.record_key
    """)
    con.execute("""
        create or replace temp table nearest as
        select record_key, max(match_weight) as match_weight
        from (
            select record_key_l as record_key, match_weight from linkage.candidate_pairs
            union all select record_key_r, match_weight from linkage.candidate_pairs
        ) group by record_key
    """)
    con.execute(f"""
        copy (
            select linked.source_id as {key_name}, linked.golden_id, linked.cluster_size,
                round(nearest.match_weight, 3) as nearest_match_weight
            from linked left join nearest on nearest.record_key = {quote_literal(RECORD_PREFIX)} || linked.source_id
            order by linked.row_number
        ) to {quote_literal(str(target / "customers_xref.csv"))} (format csv, header)
    """)
    # Known columns carry the surviving values, others come from the record that says most, the first of equals.
    known = {title: column for column, title in mapping.items() if column not in ("party_type", "source_updated_at")}
    titles = [row[0] for row in con.execute("describe raw.list__given").fetchall() if row[0] not in ("source_id", "#")]
    filled = " + ".join(f"(given.{quote_identifier(title)} is not null)::int" for title in titles)
    values = ", ".join(
        f"cast(golden.{known[title]} as varchar) as {quote_identifier(title)}"
        if title in known
        else f"survivor.{quote_identifier(title)}"
        for title in titles
    )
    con.execute(f"""
        copy (
            with survivor as (
                select linked.golden_id, linked.cluster_size, linked.row_number, given.*
                from linked join raw.list__given as given using (source_id)
                qualify row_number() over (partition by linked.golden_id order by {filled} desc, linked.row_number) = 1
            )
            select survivor.golden_id, survivor.cluster_size, {values}
            from survivor join golden.golden_customers as golden using (golden_id)
            order by survivor.row_number
        ) to {quote_literal(str(target / "customers_deduplicated.csv"))} (format csv, header)
    """)


def _report(con: DuckDBPyConnection, console: Console, target: Path, key: str, truth: str | None) -> None:
    from dagster_project.linkage.agglomeration import LARGEST_CLUSTER
    from dagster_project.linkage.evaluation import b_cubed_metrics, pairwise_metrics

    rows = count_rows(con, "linked")
    customers = con.execute("select count(distinct golden_id), coalesce(max(cluster_size), 0) from linked").fetchone()
    assert customers is not None
    console.print(
        f"[bold]{rows:,}[/bold] rows are [bold]{customers[0]:,}[/bold] customers; the largest has {customers[1]} rows;"
        f" {count_rows(con, 'linkage.review_candidates'):,} pairs are doubtful."
    )
    large = con.execute(
        f"select count(distinct golden_id) from linked where cluster_size > {LARGEST_CLUSTER}"
    ).fetchall()[0][0]
    if large:
        console.print(f"{large:,} customers have more than {LARGEST_CLUSTER} rows each: look at them first.")
    if truth is not None:
        pairs = pairwise_metrics(con, "linkage.golden_id_assignment", "raw.list__truth", predicted_cluster="golden_id")
        records = b_cubed_metrics(con, "linkage.golden_id_assignment", "raw.list__truth", predicted_cluster="golden_id")
        console.print(f"Against column {truth}:")
        console.print(f"  pairwise  precision {pairs.precision:.4f}  recall {pairs.recall:.4f}  F1 {pairs.f1:.4f}")
        console.print(
            f"  B-cubed   precision {records.precision:.4f}  recall {records.recall:.4f}  F1 {records.f1:.4f}"
        )
    console.print(
        f"Written: {target / 'customers_deduplicated.csv'}\n         {target / 'customers_xref.csv'} (key: {key})"
    )
