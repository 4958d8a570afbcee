"""What is told at the end of a run: rows, customers, checks, accuracy, segments, and where to look next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from dagster_project.settings import Settings, home
from dagster_project.warehouse import connect, table_exists

if TYPE_CHECKING:
    from dagster import AssetCheckEvaluation
    from duckdb import DuckDBPyConnection


def print_summary(
    console: Console,
    settings: Settings,
    *,
    succeeded: bool,
    checks: int,
    failed_checks: Sequence[AssetCheckEvaluation],
) -> None:
    """Print the summary of the run that just ended; what a failed run did not reach is left out."""
    console.rule("[bold]Golden Customer 客户归并平台")
    if settings.warehouse.exists():
        with connect(settings.warehouse, read_only=True) as con:
            _loads(console, con, settings)
            if succeeded:
                _customers(console, con)
                _accuracy(console, con)
                _segments(console, con)
                _readiness(console, con)
    _checks(console, checks, failed_checks)
    if succeeded:
        _next_steps(console, settings)
    else:
        kept = "is as it was before" if settings.published.exists() else "was not made"
        console.print(f"[red bold]The run failed.[/red bold] The published copy {kept}. See the messages above.")


def _loads(console: Console, con: DuckDBPyConnection, settings: Settings) -> None:
    if not table_exists(con, "raw", "load_log"):
        return
    table = Table(title="Deliveries 交付", title_justify="left")
    table.add_column("source object", no_wrap=True)
    for name in ("files", "rows read", "accepted", "duplicate", "quarantined"):
        table.add_column(name, justify="right")
    for source, *numbers in con.execute("""
        select source_system || '.' || source_object, count(*) filter (status <> 'refused'), sum(rows_read)::bigint,
            sum(rows_accepted)::bigint, sum(rows_duplicate)::bigint, sum(rows_quarantined)::bigint
        from raw.load_log where status <> 'superseded' group by 1 order by 1
    """).fetchall():
        table.add_row(source, *(f"{number:,}" for number in numbers))
    if table.row_count:
        console.print(table)
    else:
        console.print(
            f"[yellow]No delivery was found in {settings.landing}.[/yellow] docs/sources.md says what goes where."
        )
    for (message,) in con.execute(
        "select message from raw.load_log where status = 'refused' order by source_system, source_object, file"
    ).fetchall():
        console.print(f"[red bold]Refused:[/red bold] {message}", highlight=False)


def _customers(console: Console, con: DuckDBPyConnection) -> None:
    row = con.execute("""
        select count(*), count(*) filter (party_type = 'person'), sum(record_count)::bigint,
            (select as_of from standardized.as_of)
        from (
            select any_value(records.party_type) as party_type, count(*) as record_count
            from linkage.golden_id_assignment join standardized.std_customer_records as records using (record_key)
            group by golden_id
        )
    """).fetchone()
    assert row is not None
    customers, people, records, as_of = row
    console.print(
        f"[bold]{records or 0:,}[/bold] source records are [bold]{customers:,}[/bold] golden customers"
        f" ({people:,} people, {customers - people:,} organisations), as of {as_of}.",
        highlight=False,
    )


def _accuracy(console: Console, con: DuckDBPyConnection) -> None:
    measured = dict(
        con.execute("""
            select measure, value from linkage.linkage_quality
            where run_id = (select run_id from linkage.linkage_quality order by rowid desc limit 1)
        """).fetchall()
    )
    parts = sorted(name.removesuffix("pairwise_f1") for name in measured if name.endswith("pairwise_f1"))
    if not parts:
        return
    # What the model expects of itself comes last, and stands there for data without a truth as well.
    parts.sort(key=lambda part: part == "estimated_")
    table = Table(
        title="Accuracy: on the truth, where it is known, and as the model estimates it 准确率", title_justify="left"
    )
    for name in ("records", "measure", "precision", "recall", "F1"):
        table.add_column(name, justify="left" if name in ("records", "measure") else "right")
    for part in parts:
        for measure in ("pairwise", "b_cubed"):
            numbers = [f"{measured[f'{part}{measure}_{name}']:.4f}" for name in ("precision", "recall", "f1")]
            table.add_row(part.rstrip("_") or "all", measure.replace("b_cubed", "B-cubed"), *numbers)
    console.print(table)


def _segments(console: Console, con: DuckDBPyConnection) -> None:
    table = Table(title="Customers per RFM segment 客户分群", title_justify="left")
    table.add_column("segment")
    table.add_column("customers", justify="right")
    segments = con.execute(
        "select segment, count(*) from marts.customer_rfm group by segment order by 2 desc, 1"
    ).fetchall()
    for segment, count in segments:
        table.add_row(segment, f"{count:,}")
    console.print(table if segments else "No orders in the last year, so no segments.")


def _readiness(console: Console, con: DuckDBPyConnection) -> None:
    # A mart that is empty anyway lacks nothing else.
    lacking = con.execute("""
        with unmet as (
            select mart, need, is_essential
            from marts.mart_readiness
            where not is_met
            qualify is_essential = bool_or(is_essential) over (partition by mart)
        ),
        clause as (
            select unmet.mart, min(unmet.need) as first_need,
                'no ' || string_agg(data_needs.label, ' and no ' order by unmet.need) || ' were delivered, so '
                || mart_needs.holds_without as words
            from unmet
            join reference.mart_needs using (mart, need)
            join reference.data_needs using (need)
            group by unmet.mart, mart_needs.holds_without
        )
        select mart, string_agg(words, '; ' order by first_need) from clause group by mart order by mart
    """).fetchall()
    if lacking:
        console.print(
            "[bold]Marts that lack something 缺少数据的集市[/bold] (marts.mart_readiness says what would deliver it):"
        )
    for mart, words in lacking:
        console.print(f"  {mart}: {words}", highlight=False)


def _checks(console: Console, checks: int, failed: Sequence[AssetCheckEvaluation]) -> None:
    console.print(f"Checks: {checks - len(failed)} of {checks} passed.", highlight=False)
    for check in failed:
        blocking = check.severity.value == "ERROR"
        mark = "[red]FAILED[/red]" if blocking else "[yellow]warning[/yellow]"
        reason = f": {check.description}" if check.description else ""
        console.print(f"  {mark} {check.asset_key.to_user_string()} / {check.check_name}{reason}", highlight=False)


def _next_steps(console: Console, settings: Settings) -> None:
    published = settings.published
    shown = published.relative_to(home()) if published.is_relative_to(home()) else published
    console.print(
        f"\nPublished: [bold]{shown}[/bold] (open it with any tool that reads DuckDB; schema marts)\n"
        "Next: [bold]make ui[/bold] shows assets, checks and history; docs/architecture.md explains the layers;\n"
        "      [bold]make run LANDING=folder[/bold] runs on your own deliveries;\n"
        "      [bold]make dedupe FILE=list.csv[/bold] finds the duplicates in one list.",
        highlight=False,
    )
