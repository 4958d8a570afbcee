"""Running the pipeline from the command line: the same job as in the Dagster UI, recorded in the same history."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

from rich.console import Console

from dagster_project.commands.progress import progress_logger
from dagster_project.commands.summary import print_summary
from dagster_project.settings import Settings

DEMO_MARKER = "DEMO_COMPANY.txt"


def run_pipeline(*, landing: Path | None, customers: int, job: str, as_of: str | None) -> int:
    """Fill the landing folder where it is the demo's, run the job, print the summary. 0 when published, 1 when not."""
    console = Console(file=sys.stdout)
    if landing is not None:
        if not landing.is_dir():
            console.print(f"[red]{landing} is not a folder.[/red] LANDING must name the folder of your deliveries.")
            return 2
        os.environ["GOLDEN_LANDING"] = str(landing.resolve())
    if as_of:
        os.environ["GOLDEN_AS_OF"] = as_of
    settings = Settings.from_environment()
    os.environ.update(settings.as_environment())
    if landing is None:
        _make_demo_company(settings, customers, console)

    import dagster as dg

    from dagster_project.definitions import defs

    # Dagster prints its own events through this logger as well; the progress lines say the same for people.
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    definitions = dg.Definitions.merge(defs(), dg.Definitions(loggers={"console": progress_logger(console)}))
    log = settings.warehouse.parent / "logs" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # What dbt prints goes to the log file; the console keeps the terminal.
    with dg.DagsterInstance.get() as instance, log.open("w", encoding="utf-8") as stream, redirect_stdout(stream):
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance, raise_on_error=False, run_config={"loggers": {"console": {}}}
        )
        failed_checks = [
            event.asset_check_evaluation_data
            for event in result.all_events
            if event.event_type_value == "ASSET_CHECK_EVALUATION" and not event.asset_check_evaluation_data.passed
        ]
        checks = sum(event.event_type_value == "ASSET_CHECK_EVALUATION" for event in result.all_events)
    # A step that never ran does not fail a run; what counts is that the copy was made.
    published = bool(result.asset_materializations_for_node("published__customers")) if result.success else False
    print_summary(console, settings, succeeded=published, checks=checks, failed_checks=failed_checks)
    return 0 if published else 1


def _make_demo_company(settings: Settings, customers: int, console: Console) -> None:
    """Generate the demo deliveries once per size; a folder with other files in it is never touched."""
    from sample_data.generator import generate

    marker = settings.landing / DEMO_MARKER
    wanted = f"Demo company of {customers} customers, made by sample_data. Delete this folder to make it again.\n"
    if marker.exists() and marker.read_text(encoding="utf-8") == wanted:
        console.print(f"Demo company of {customers:,} customers is in the landing folder already.")
        return
    if settings.landing.exists() and any(settings.landing.iterdir()) and not marker.exists():
        console.print("The landing folder holds your own files: they are loaded, no demo company is made.")
        return
    console.print(f"Making the demo company of {customers:,} customers ...")
    generate(
        settings.landing,
        settings.demo_truth,
        customers=customers,
        progress=lambda line: console.print(f"        {line}", style="dim"),
    )
    marker.write_text(wanted, encoding="utf-8")
