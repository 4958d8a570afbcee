"""Connectors: one module per protocol from which an object is pulled; each yields pages of rows by declared title.

Belongs here: which connector an object gets, and whether this installation has what it needs. Does not belong here: what
is asked for and how it is landed (pull.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.ingest.declaration import SourceObject

if TYPE_CHECKING:
    from dagster_project.ingest.pull import Connector


def make_connector(
    declaration: SourceObject, landing: Path, environment: Mapping[str, str] | None = None
) -> Connector | None:
    """The connector of an object; None where nothing is to be pulled: the object declares no pull, or the environment has
    no credentials for it, so that only files that were delivered are loaded. Nothing is fetched before `rows` is iterated.
    """
    if declaration.pull is None:
        return None
    env = os.environ if environment is None else environment
    if declaration.pull.connector == "database":
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        from dagster_project.ingest.connectors.database import database_connector

        return database_connector(declaration, landing, env)
    if declaration.pull.connector == "zoho":
        from dagster_project.ingest.connectors.zoho import zoho_connector

        return zoho_connector(declaration, env)
    from dagster_project.ingest.connectors.fxiaoke import fxiaoke_connector

    return fxiaoke_connector(declaration, env)
