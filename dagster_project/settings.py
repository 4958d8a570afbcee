"""Where things are and what the environment decides.

Belongs here: every environment variable the project reads, with its default (.env.example lists the same).
Does not belong here: rules and thresholds that people tune; those are data (seeds, YAML declarations).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

SOURCE_VARIABLES = (
    "GOLDEN_ZOHO_CLIENT_ID",
    "GOLDEN_ZOHO_CLIENT_SECRET",
    "GOLDEN_ZOHO_REFRESH_TOKEN",
    "GOLDEN_ZOHO_ACCOUNTS_URL",
    "GOLDEN_ZOHO_API_URL",
    "GOLDEN_FXIAOKE_APP_ID",
    "GOLDEN_FXIAOKE_APP_SECRET",
    "GOLDEN_FXIAOKE_PERMANENT_CODE",
    "GOLDEN_FXIAOKE_USER_ID",
    "GOLDEN_FXIAOKE_API_URL",
    "GOLDEN_ERP_URL",
)
"""Addresses and secrets of source systems. Connectors read them from the environment where they are used; they are no part
of Settings, so that nothing that shows or hands on settings can show them."""

# Where the code, the dbt project and the suites are: the checkout, or the environment the package was installed into.
PROJECT_ROOT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """Where data, history and .env are: the checkout; for an installed package the folder it is started in."""
    return PROJECT_ROOT if (PROJECT_ROOT / "pyproject.toml").exists() else Path.cwd()


@dataclass(frozen=True)
class Settings:
    """Paths and limits of one installation; all paths absolute."""

    landing: Path
    warehouse: Path
    published: Path
    models: Path
    demo_truth: Path
    memory_limit: str
    threads: int
    as_of: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; relative paths are relative to home(). Raises ValueError for a bad number or date."""
        env = os.environ if environment is None else environment

        def path(name: str, default: str) -> Path:
            value = Path(env.get(name) or default).expanduser()
            return value if value.is_absolute() else (home() / value).resolve()

        threads = env.get("GOLDEN_THREADS") or str(min(os.cpu_count() or 1, 8))
        if not threads.isdigit() or int(threads) < 1:
            raise ValueError(f"GOLDEN_THREADS must be a positive whole number, not {threads!r}")
        return cls(
            landing=path("GOLDEN_LANDING", "data/landing"),
            warehouse=path("GOLDEN_WAREHOUSE", "data/warehouse.duckdb"),
            published=path("GOLDEN_PUBLISHED", "data/published/customers.duckdb"),
            models=path("GOLDEN_MODELS", "data/models"),
            demo_truth=path("GOLDEN_DEMO_TRUTH", "data/demo_truth"),
            memory_limit=env.get("GOLDEN_MEMORY_LIMIT") or "2GB",
            threads=int(threads),
            as_of=_business_date(env.get("GOLDEN_AS_OF")),
        )

    def as_environment(self) -> dict[str, str]:
        """The settings as environment variables with absolute paths, for a process that works in another folder."""
        return {
            "GOLDEN_LANDING": str(self.landing),
            "GOLDEN_WAREHOUSE": str(self.warehouse),
            "GOLDEN_PUBLISHED": str(self.published),
            "GOLDEN_MODELS": str(self.models),
            "GOLDEN_DEMO_TRUTH": str(self.demo_truth),
            "GOLDEN_MEMORY_LIMIT": self.memory_limit,
            "GOLDEN_THREADS": str(self.threads),
            "GOLDEN_AS_OF": self.as_of or "",
        }


def _business_date(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ValueError(f"GOLDEN_AS_OF must be a date like 2025-12-31, not {text!r}") from error
