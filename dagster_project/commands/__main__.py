"""golden-customer run | dedupe | replay-quarantine | explain | models, called by the Makefile as a module."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from dotenv import load_dotenv

from dagster_project.settings import PROJECT_ROOT, home
from sample_data.generator import DEFAULT_CUSTOMERS


def main(arguments: list[str] | None = None) -> int:
    """Parse the arguments, run the command, return the exit status."""
    parser = argparse.ArgumentParser(prog="golden-customer", description="Customer consolidation (客户归并)")
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="run the whole pipeline")
    run.add_argument("--landing", type=Path, help="folder with your own deliveries; nothing is generated then")
    run.add_argument("--customers", type=int, default=DEFAULT_CUSTOMERS, help="size of the demo company (%(default)s)")
    run.add_argument("--job", default="everything", choices=["everything", "refresh", "retrain"])
    run.add_argument("--as-of", help="business date of the run, YYYY-MM-DD (default: newest event in the data)")

    dedupe = commands.add_parser("dedupe", help="find the duplicates in one list of customers")
    dedupe.add_argument("file", type=Path, help="CSV (UTF-8 or GB18030), Parquet, JSON lines or XLSX")
    dedupe.add_argument("--truth", help="column that says which rows are the same customer; prints the accuracy")
    dedupe.add_argument("--out", type=Path, help="folder for the results (default: data/dedupe)")

    replay = commands.add_parser("replay-quarantine", help="load files with rows in quarantine again")
    replay.add_argument("--source", help="a system or one object of it, such as pos or pos.members (default: all)")

    explain = commands.add_parser("explain", help="say why records are one customer or not, and what changed when")
    explain.add_argument(
        "first", metavar="KEY", help="a record key (source_system:source_object:source_id) or golden ID"
    )
    explain.add_argument("second", metavar="RECORD_KEY", nargs="?", help="another record: explains the two as a pair")

    models = commands.add_parser("models", help="look at the linkage models, approve a held one, go back to the last")
    models.add_argument("action", nargs="?", default="list", choices=["list", "approve", "back"])
    models.add_argument("--version", help="the model to approve (default: the newest that is held)")
    models.add_argument("--by", help="who decides (default: the user of this machine)")

    options = parser.parse_args(arguments)
    load_dotenv(home() / ".env")
    os.environ.setdefault("DAGSTER_HOME", str(_dagster_home()))
    if options.command == "run":
        from dagster_project.commands.run import run_pipeline

        return run_pipeline(landing=options.landing, customers=options.customers, job=options.job, as_of=options.as_of)
    if options.command == "replay-quarantine":
        from dagster_project.commands.replay import replay_quarantine

        return replay_quarantine(options.source)
    if options.command == "models":
        from dagster_project.commands.models import linkage_models

        return linkage_models(options.action, version=options.version, decided_by=options.by)
    if options.command == "explain":
        from dagster_project.commands.explain import explain as explain_keys

        return explain_keys(options.first, options.second)
    from dagster_project.commands.dedupe import deduplicate_file

    return deduplicate_file(options.file, truth=options.truth, out=options.out)


def _dagster_home() -> Path:
    """The folder of Dagster's history, with the project's instance settings in it."""
    folder = home() / "dagster_home"
    if not (folder / "dagster.yaml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_ROOT / "dagster_home" / "dagster.yaml", folder / "dagster.yaml")
    return folder


if __name__ == "__main__":
    sys.exit(main())
