"""Sensors: what starts a run when something happens."""

import hashlib

import dagster as dg

from dagster_project.defs.automation.jobs import refresh
from dagster_project.ingest.pull import PULLED
from dagster_project.settings import Settings


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=60,
    description="Refreshes when files arrive in the landing folder, or change there, and have then been quiet for a look.",
)
def landing_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Request a run per state of the folder; the state is names, sizes and times, never contents."""
    landing = Settings.from_environment().landing
    found = landing.rglob("*") if landing.exists() else []
    # What a run has pulled it has loaded as well: it must not start the next one.
    files = sorted(path for path in found if path.is_file() and PULLED not in path.relative_to(landing).parts)
    if not files:
        return dg.SkipReason("The landing folder is empty.")
    state = hashlib.sha256()
    for path in files:
        status = path.stat()
        state.update(f"{path.relative_to(landing)}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    seen, _, requested = (context.cursor or "").partition("|")
    now = state.hexdigest()
    if now == requested:
        return dg.SkipReason("Nothing new in the landing folder.")
    if now != seen:
        # Two looks in a row must see the same state: a file still being copied is left alone.
        return dg.SensorResult(skip_reason="Files are arriving.", cursor=f"{now}|{requested}")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=now)], cursor=f"{now}|{now}")
