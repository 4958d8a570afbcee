"""The code location: everything under defs/, and the rules that hold for all of it.

Does not belong here: any single asset, job or schedule (see defs/).
"""

import dagster as dg

import dagster_project.defs
from dagster_project.settings import PROJECT_ROOT


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions of the project; steps run one after the other in one process, because one file has one writer.

    The tree is built from the module, not from a folder with a pyproject.toml above it, so that an installed package
    has the same definitions as a checkout.
    """
    tree = dg.ComponentTree(defs_module=dagster_project.defs, project_root=PROJECT_ROOT)
    return dg.Definitions.merge(tree.build_defs(), dg.Definitions(executor=dg.in_process_executor))
