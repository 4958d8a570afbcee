"""Looking at the linkage models, approving one that is held, going back to the one before.

Does not belong here: what a model is, and when one is held (linkage/model_life.py). The next run links with the model in force.
"""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from dagster_project.settings import Settings
from dagster_project.warehouse import connect


def linkage_models(action: str, *, version: str | None = None, decided_by: str | None = None) -> int:
    """`list`, `approve` (the newest held model, or `version`) or `back`. Returns 0, or 2 when it cannot be done."""
    import duckdb

    from dagster_project.linkage.model_life import ModelError, approve_model, go_back, list_models

    console = Console(file=sys.stdout, highlight=False)
    settings = Settings.from_environment()
    if not settings.warehouse.exists():
        console.print(f"[red]There is no warehouse at {settings.warehouse}.[/red] Run make run first.")
        return 2
    who = decided_by or getpass.getuser()
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    try:
        with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
            if action == "list":
                _print(console, list_models(con))
                return 0
            if action == "approve":
                chosen = approve_model(con, settings.models, version, decided_by=who, now=now)
            else:
                chosen = go_back(con, settings.models, decided_by=who, now=now)
    except ModelError as error:
        console.print(f"[red]{error}.[/red]")
        return 2
    except duckdb.IOException:
        console.print("[red]A run is using the warehouse.[/red] Try again when it is done.")
        return 2
    console.print(f"The model {chosen} is in force. Next: make run JOB=refresh links with it.")
    return 0


def _print(console: Console, models: list[dict]) -> None:
    if not models:
        console.print("No model has been trained yet.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("model", "status", "trained", "records", "kept", "merged", "split", "moved", "changed", "why"):
        table.add_column(title)
    for row in models:
        changes = (row[f"customers_{kind}"] for kind in ("kept", "merged", "split", "moved"))
        table.add_row(
            row["model_version"], row["status"], f"{row['trained_at']:%Y-%m-%d}", f"{row['records']:,}",
            *(f"{count:,}" for count in changes), f"{row['changed_share']:.2%}", row["reason"],
        )  # fmt: skip
    console.print(table)
