"""Schedules: when jobs run by themselves."""

import dagster as dg

from dagster_project.defs.automation.jobs import refresh

daily_refresh = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    description="Every night at 03:00 UTC, after the source systems' exports.",
)
