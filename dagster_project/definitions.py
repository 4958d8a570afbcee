"""The code location: everything under defs/, and the rules that hold for all of it.

Does not belong here: any single asset, job or schedule (see defs/).
"""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions of the project; steps run one after the other in one process, because one file has one writer."""
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(executor=dg.in_process_executor),
    )
