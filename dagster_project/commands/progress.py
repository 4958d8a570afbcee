"""Progress of a run on the terminal: one line per step with its time, and what the steps themselves report.

Does not belong here: the summary at the end (summary.py).
"""

from __future__ import annotations

import logging
import time

import dagster as dg
from dagster import DagsterEventType
from rich.console import Console

# Lines that Dagster and dagster-dbt log about themselves; the log file has them.
FRAMEWORK_CHATTER = (
    "A dbt subsetted execution", "Copying `", "Running dbt command", "Finished dbt command", "Dependencies for step",
    "Skipping step", "Logging an `AssetObservation`",
)  # fmt: skip


class ProgressHandler(logging.Handler):
    """Turns Dagster's event stream into lines for people; remembers what failed."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.DEBUG)
        self.console = console
        self.started = time.monotonic()
        self.step_started: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record, when it says something to the person who waits."""
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        elapsed = f"[dim]{time.monotonic() - self.started:6.1f}s[/dim]"
        if event is None:
            message = meta.get("orig_message", record.getMessage()).strip()
            if record.levelno < logging.INFO or message.startswith(FRAMEWORK_CHATTER):
                return
            style = "yellow" if record.levelno >= logging.WARNING else "dim"
            self.console.print(f"{elapsed}     {message.splitlines()[0]}", style=style, highlight=False)
        elif event.event_type == DagsterEventType.STEP_START:
            self.step_started[event.step_key] = time.monotonic()
            self.console.print(f"{elapsed} ▶ {event.step_key}", highlight=False)
        elif event.event_type == DagsterEventType.STEP_FAILURE:
            self.console.print(f"{elapsed} [red]✗ {event.step_key} failed[/red]", highlight=False)
            error = event.step_failure_data.user_failure_data or event.step_failure_data.error
            text = getattr(error, "description", None) or getattr(error, "message", "") or ""
            self.console.print(f"        {text.strip()}", style="red", markup=False, highlight=False)
            cause = getattr(error, "cause", None)
            while cause is not None:
                self.console.print(f"        {cause.message.strip()}", style="red", markup=False, highlight=False)
                cause = cause.cause


def progress_logger(console: Console) -> dg.LoggerDefinition:
    """A Dagster logger that prints through the console."""

    def console_progress(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.getLogger("golden_customer.progress")
        logger.setLevel(logging.DEBUG)
        logger.handlers = [ProgressHandler(console)]
        logger.propagate = False
        return logger

    return dg.LoggerDefinition(console_progress, description="One line per step, for people.")
