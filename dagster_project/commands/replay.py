"""Loading again what is in quarantine, after a declaration was mended; the next run carries it further.

Does not belong here: how a file is loaded (ingest). A corrected file needs no replay: the next run sees other bytes.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from dagster_project.settings import PROJECT_ROOT, Settings
from dagster_project.warehouse import connect, table_exists


def replay_quarantine(source: str | None) -> int:
    """Load the files with rows in quarantine again, of one source (`system` or `system.object`) or of all.

    Prints what became of them. Returns 0, or 2 when there is no warehouse or no such source.
    """
    from dagster_project.ingest.declaration import read_source_objects
    from dagster_project.ingest.files import find_files
    from dagster_project.ingest.load import load_object

    console = Console(file=sys.stdout)
    settings = Settings.from_environment()
    objects = read_source_objects(PROJECT_ROOT / "dagster_project" / "defs" / "sources")
    chosen = [item for item in objects if source is None or source in (item.system, item.qualified_name)]
    if not chosen:
        console.print(f"[red]No source is called {source}.[/red] Say a system (pos) or an object of one (pos.members).")
        return 2
    if not settings.warehouse.exists():
        console.print(f"[red]There is no warehouse at {settings.warehouse}.[/red] Run make run first.")
        return 2
    with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
        if not table_exists(con, "raw", "quarantine"):
            console.print("Nothing has been loaded yet.")
            return 0
        query = "select file, count(*) from raw.quarantine where source_system = ? and source_object = ? group by file"
        before_all = after_all = 0
        for item in chosen:
            before = dict(con.execute(query, [item.system, item.name]).fetchall())
            if not before:
                continue
            gone = set(before) - {file.name for file in find_files(settings.landing, item)}
            now = datetime.now(UTC).replace(tzinfo=None)
            load_object(con, item, settings.landing, now, progress=console.print, replay=True)
            after = dict(con.execute(query, [item.system, item.name]).fetchall())
            for file in sorted(gone):
                console.print(
                    f"{item.qualified_name}: {Path(file).name} is no longer in the landing folder; its {before[file]:,}"
                    " rows stay in quarantine. Put the file back to load them."
                )
            before_all += sum(before.values())
            after_all += sum(after.values())
    console.print(f"{before_all:,} rows were in quarantine, {after_all:,} are now.")
    if after_all < before_all:
        console.print("Next: make run carries what was loaded to the marts.")
    return 0
