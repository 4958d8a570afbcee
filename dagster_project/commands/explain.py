"""Explaining linkage on the terminal: two records, one record, or a golden customer.

Belongs here: the words and tables. Does not belong here: finding anything out (linkage/explain.py). What is printed holds
personal data, for the steward who asked: it goes to the terminal and to data/explanations, never to a log.
"""

from __future__ import annotations

import sys
from math import isinf
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dagster_project.settings import Settings, home
from dagster_project.warehouse import connect, table_exists

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.explanations import CustomerExplanation, Event, Link, Merge, PairExplanation
    from dagster_project.linkage.model import LinkageModel


def explain(first: str, second: str | None) -> int:
    """Explain a pair of records, or a record or golden ID. 0, or 2 when there is nothing to explain."""
    import duckdb

    from dagster_project.linkage.explanations import NothingToExplain
    from dagster_project.linkage.model import LinkageModel

    console = Console(file=sys.stdout, highlight=False)
    settings = Settings.from_environment()
    folder = settings.models / "current"
    if not settings.warehouse.exists() or not folder.exists():
        console.print("[red]There is no linked warehouse yet.[/red] Run make run first.")
        return 2
    try:
        with connect(
            settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads, read_only=True
        ) as con:
            if not table_exists(con, "linkage", "golden_id_redirects"):
                console.print("[red]There is no linked warehouse yet.[/red] Run make run first.")
                return 2
            _explain(console, con, LinkageModel.load(folder), settings, first, second)
    except NothingToExplain as error:
        console.print(
            f"[red]{escape(str(error))}.[/red] A record key is source_system:source_object:source_id, as in"
            " marts.customer_xref; a golden ID stands in marts.dim_customer."
        )
        return 2
    except duckdb.IOException:
        console.print("[red]The warehouse is in use.[/red] Ask again when the run has ended.")
        return 2
    return 0


def _explain(
    console: Console, con: DuckDBPyConnection, model: LinkageModel, settings: Settings, first: str, second: str | None
) -> None:
    from dagster_project.linkage.explain import (
        customer_of,
        explain_customer,
        explain_pair,
        nearest_of_record,
        pair_chart,
    )

    if second is not None:
        explanation = explain_pair(con, model, first, second)
        _print_pair(console, explanation)
        if explanation.comparisons:
            target = settings.warehouse.parent / "explanations"
            target.mkdir(parents=True, exist_ok=True)
            path = target / f"{_file_name(explanation.record_key_l)}--{_file_name(explanation.record_key_r)}.html"
            path.write_text(pair_chart(explanation), encoding="utf-8")
            shown = path.relative_to(home()) if path.is_relative_to(home()) else path
            console.print(f"\nChart 瀑布图: {shown} (it holds personal data)", soft_wrap=True)
        return
    golden_id = customer_of(con, first)
    if golden_id is not None:
        _print_nearest(console, first, nearest_of_record(con, first).fetchall())
    _print_customer(console, explain_customer(con, model, golden_id or first))


def _file_name(record_key: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in record_key)


def _print_pair(console: Console, pair: PairExplanation) -> None:
    console.rule("[bold]Two records 两条记录")
    console.print(f"l: {escape(pair.record_key_l)}   golden ID {pair.golden_id_l or 'none'}")
    console.print(f"r: {escape(pair.record_key_r)}   golden ID {pair.golden_id_r or 'none'}")
    verdict = "[green]one customer 同一客户[/green]" if pair.is_together else "[yellow]two customers 不同客户[/yellow]"
    console.print(f"\n[bold]{verdict}[/bold] ({pair.reason}). {escape(pair.why)}")
    if pair.decision:
        decision, by, at, reason = pair.decision
        console.print(f"Decision 人工裁决: {decision}, by {escape(by)}, {at}: {escape(reason)}")
    if pair.review_reason:
        console.print(f"In review 待审核: {pair.review_reason}")
    if pair.comparisons:
        _print_comparisons(console, pair)
        _print_blocking(console, pair)
    if pair.merge is not None:
        console.print("\n[bold]Where the two came together 归并点[/bold]")
        _print_merge(console, pair.merge)
    if pair.path:
        console.print("\n[bold]Strongest chain 最强关联路径[/bold]")
        _print_links(console, pair.path)
    _print_history(console, pair.history)


def _print_comparisons(console: Console, pair: PairExplanation) -> None:
    table = Table(title="Evidence in bits 证据（比特）", title_justify="left")
    for name in ("comparison", "l", "r", "level"):
        table.add_column(name, overflow="fold")
    table.add_column("bits", justify="right")
    table.add_row("prior", "", "", "of any candidate pair", f"{pair.prior:+.2f}")
    for item in pair.comparisons:
        is_silent = item.level == "nothing to compare"
        table.add_row(
            item.comparison,
            escape(item.value_l or ""),
            escape(item.value_r or ""),
            item.level,
            "" if is_silent else f"{item.bits:+.2f}",
            style="dim" if is_silent else None,
        )
    weight, model_weight = pair.match_weight or 0.0, pair.model_weight or 0.0
    if pair.match_rule:
        table.add_row("rule 规则", "", "", pair.match_rule, f"{weight - model_weight:+.2f}")
    table.add_section()
    table.add_row("[bold]match weight", "", "", f"probability {1 / (1 + 2**-weight):.4f}", f"[bold]{weight:+.2f}")
    console.print(table)
    taken_for = ", ".join(f"{name} {share:.0%}{'' if match else ' (no match)'}" for name, match, share in pair.classes)
    console.print(f"What the model takes them for 模型判断: {taken_for}")
    if pair.is_conflict:
        console.print("[yellow]A guard forbids that these two are one: identifiers or birth dates contradict.[/yellow]")


def _print_blocking(console: Console, pair: PairExplanation) -> None:
    console.print(f"\n[bold]Proposed by 候选规则[/bold]: {'yes' if pair.is_proposed else 'no rule'}")
    for rule in pair.blocking:
        kind = " (weak)" if rule.is_weak else ""
        limit = "" if rule.is_used else "; too large a block for the rule's budget, not used"
        console.print(f"  {rule.rule}{kind}: {rule.block_records:,} records agree on it{limit}")
    if not pair.blocking:
        console.print("  The two agree on the keys of no rule.")


def _print_nearest(console: Console, record_key: str, rows: list[tuple]) -> None:
    console.rule("[bold]One record 一条记录")
    table = Table(title=f"Nearest candidates of {escape(record_key)} 最相近的候选", title_justify="left")
    for name in ("record", "customer"):
        table.add_column(name, overflow="fold")
    table.add_column("weight", justify="right")
    table.add_column("rule or block")
    for other, golden_id, weight, rule, block, is_same in rows:
        customer = "[green]the same[/green]" if is_same else golden_id
        table.add_row(escape(other), customer, f"{weight:+.1f}", rule or block)
    console.print(table if rows else "No pair of it was worth keeping: it is like no other record.")


def _print_customer(console: Console, customer: CustomerExplanation) -> None:
    console.rule("[bold]Golden customer 黄金客户")
    if customer.golden_id is None:
        console.print(f"{customer.asked_for} has no records now: they have left the input.")
    elif customer.golden_id != customer.asked_for:
        console.print(f"{customer.asked_for} is retired; its records are now in {customer.golden_id}.")
    else:
        console.print(customer.golden_id)
    for key in customer.records:
        console.print(f"  {escape(key)}")
    if customer.merges:
        console.print("\n[bold]How its records came together 归并过程[/bold]")
    for merge in customer.merges:
        _print_merge(console, merge)
    joined = {key for merge in customer.merges for key in (*merge.records_l, *merge.records_r)}
    attached = [key for key in customer.records if key not in joined] if customer.merges else []
    for key in attached:
        console.print(f"  {escape(key)}: the only customer with its mailbox, phone number or identifier")
    if customer.links:
        console.print("\n[bold]What holds them together 关联[/bold]")
        _print_links(console, customer.links)
    _print_history(console, customer.history)


def _print_merge(console: Console, merge: Merge) -> None:
    linkage = "decided by a steward" if isinf(merge.linkage) else f"{merge.linkage:+.1f} bits"
    left, right = (", ".join(escape(key) for key in keys) for keys in (merge.records_l, merge.records_r))
    console.print(f"  {linkage}: {left} | {right}")


def _print_links(console: Console, links: tuple[Link, ...]) -> None:
    for link in links:
        weight = "decided by a steward" if isinf(link.match_weight) else f"{link.match_weight:+.1f} bits"
        rule = f" ({link.match_rule})" if link.match_rule else ""
        console.print(f"  {escape(link.record_key_l)} - {escape(link.record_key_r)}: {weight}{rule}")


def _print_history(console: Console, history: tuple[Event, ...]) -> None:
    if not history:
        return
    table = Table(title="What changed when 变更历史", title_justify="left")
    for name in ("as of", "golden ID", "event", "record", "other golden ID", "cause"):
        table.add_column(name, overflow="fold")
    for event in history:
        table.add_row(
            event.as_of[:10], event.golden_id, event.event, escape(event.record_key or ""), event.other_golden_id or "",
            event.cause or "",
        )  # fmt: skip
    console.print(table)
