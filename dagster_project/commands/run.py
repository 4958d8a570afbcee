"""Running the pipeline from the command line: the same job as in the Dagster UI, recorded in the same history."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from dagster_project.commands.progress import progress_logger
from dagster_project.commands.summary import print_summary
from dagster_project.settings import Settings
from dagster_project.warehouse import connect

if TYPE_CHECKING:
    from dagster import DagsterInstance

DEMO_MARKER = "DEMO_COMPANY.txt"
DEMO = "the demo company"
PROCESS_TAG = "golden_customer/process"


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
    is_demo = landing is None and _make_demo_company(settings, customers, console)
    if not _claim_warehouse(settings, DEMO if is_demo else str(settings.landing), console):
        return 2

    import dagster as dg

    # Which parts of Dagster are young is not for the one who runs the pipeline.
    warnings.filterwarnings("ignore", message=".* is currently in (beta|preview)")

    from dagster_project.definitions import defs

    # Dagster prints its own events through this logger as well; the progress lines say the same for people.
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    definitions = dg.Definitions.merge(defs(), dg.Definitions(loggers={"console": progress_logger(console)}))
    log = settings.warehouse.parent / "logs" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # What dbt prints goes to the log file; the console keeps the terminal.
    with dg.DagsterInstance.get() as instance, log.open("w", encoding="utf-8") as stream, redirect_stdout(stream):
        if not _have_warehouse_to_ourselves(instance, console):
            return 2
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {}}},
            tags={PROCESS_TAG: str(os.getpid())},
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


def _have_warehouse_to_ourselves(instance: DagsterInstance, console: Console) -> bool:
    """End runs whose process was killed, which would keep the warehouse's pool for ever; False when another one is going on."""
    import dagster as dg

    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        process = run.tags.get(PROCESS_TAG)
        if process is None or _is_alive(int(process)):
            console.print(
                f"[red]Another run is going on (run {run.run_id}).[/red] Wait for it, or end it in the Dagster UI (make ui)."
            )
            return False
        console.print(f"An earlier run was killed; its unfinished steps are done again (run {run.run_id[:8]}).")
        instance.report_run_failed(run, "The process of this run was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return True


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _claim_warehouse(settings: Settings, source: str, console: Console) -> bool:
    """A warehouse holds the deliveries of one landing folder; two companies in one would be merged into each other.

    The demo's warehouse makes room for a company's own deliveries; the other way round the run is refused.
    """
    if settings.warehouse.exists():
        with connect(settings.warehouse) as con:
            con.execute("create table if not exists raw.delivered_from (source varchar)")
            known = con.execute("select source from raw.delivered_from").fetchone()
        if known is not None and known[0] == DEMO != source:
            aside = settings.warehouse.with_name(settings.warehouse.stem + ".demo.duckdb")
            os.replace(settings.warehouse, aside)
            console.print(f"The demo company's warehouse is set aside as {aside.name}; a new one is made.")
        elif known is not None and known[0] != source:
            console.print(
                f"[red]{settings.warehouse.name} holds the deliveries of {known[0]}, not of {source}.[/red]"
                " Run with that folder, or set GOLDEN_WAREHOUSE and GOLDEN_PUBLISHED to other files."
            )
            return False
    with connect(settings.warehouse) as con:
        con.execute("create table if not exists raw.delivered_from (source varchar)")
        con.execute("insert into raw.delivered_from select ? where not exists (from raw.delivered_from)", [source])
    return True


def _make_demo_company(settings: Settings, customers: int, console: Console) -> bool:
    """Generate the demo deliveries once per size; False when the folder holds files of the user's own instead."""
    from sample_data.generator import generate

    marker = settings.landing / DEMO_MARKER
    wanted = f"Demo company of {customers} customers, made by sample_data. Delete this folder to make it again.\n"
    if marker.exists() and marker.read_text(encoding="utf-8") == wanted:
        console.print(f"Demo company of {customers:,} customers is in the landing folder already.")
        return True
    if settings.landing.exists() and any(settings.landing.iterdir()) and not marker.exists():
        console.print("The landing folder holds your own files: they are loaded, no demo company is made.")
        return False
    console.print(f"Making the demo company of {customers:,} customers ...")
    settings.landing.mkdir(parents=True, exist_ok=True)
    marker.write_text("Unfinished demo company; the next run makes it again.\n", encoding="utf-8")
    generate(
        settings.landing,
        settings.demo_truth,
        customers=customers,
        progress=lambda line: console.print(f"        {line}", style="dim"),
    )
    marker.write_text(wanted, encoding="utf-8")
    return True
