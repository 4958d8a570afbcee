"""Building the dbt models of one list of customers, in a warehouse of its own that holds raw.list__customers.

Does not belong here: reading the list (read_list), or the pipeline's own dbt steps (components).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from dagster_project.settings import PROJECT_ROOT, home

_VARS = "{deduplicate_list: true, customer_record_models: [stg_list__customers], home_country: ''}"


def build_models(warehouse: Path, select: list[str], target: Path | None = None) -> None:
    """Build the models and seeds that dbt's `select` names; raises RuntimeError with dbt's own words when one fails.

    A process of its own, because dbt keeps its connection open and a file takes one configuration at a time. Its parse
    cache is in `target` (default: data/dbt_dedupe), apart from the pipeline's, whose variables are others.
    """
    target = target or home() / "data" / "dbt_dedupe"
    target.mkdir(parents=True, exist_ok=True)
    project = str(PROJECT_ROOT / "dbt_project")
    with tempfile.TemporaryDirectory(prefix="golden-customer-dbt-") as logs:
        done = subprocess.run(  # noqa: S603 - this interpreter, arguments of ours
            [
                str(Path(sys.executable).with_name("dbt")), "--quiet", "--no-use-colors", "build",
                "--exclude-resource-type", "test", "unit_test", "--select", *select,
                "--project-dir", project, "--profiles-dir", project, "--target-path", str(target), "--log-path", logs,
                "--vars", _VARS,
            ],
            env=os.environ | {"GOLDEN_WAREHOUSE": str(warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"dbt failed:\n{done.stdout}{done.stderr}")
