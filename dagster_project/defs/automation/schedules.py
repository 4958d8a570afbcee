"""Schedules: when jobs run by themselves."""

import dagster as dg

from dagster_project.defs.automation.jobs import refresh, retrain

daily_refresh = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh,
    cron_schedule="0 3 * * *",
    execution_timezone="UTC",
    description="Every night at 03:00 UTC, after the source systems' exports.",
)

monthly_retraining = dg.ScheduleDefinition(
    name="monthly_retraining",
    job=retrain,
    cron_schedule="0 5 1 * *",
    execution_timezone="UTC",
    description=(
        "On the first of every month at 05:00 UTC, after the nightly refresh. A model that would change too many customers is"
        " held until somebody approves it."
    ),
)
