"""Resources: the settings of this installation, read when a run starts, never at import."""

import dagster as dg

from dagster_project.settings import Settings


@dg.definitions
def resources() -> dg.Definitions:
    """The one resource every asset uses."""
    return dg.Definitions(resources={"settings": dg.ResourceDefinition(lambda _: Settings.from_environment())})
