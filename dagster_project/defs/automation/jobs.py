"""Jobs: what is run together."""

import dagster as dg

MODEL = dg.AssetSelection.assets(["linkage", "model"])

everything = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all(),
    description="Load, standardize, train the linkage model, link, and publish. What `make run` does.",
)
refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - MODEL,
    description="The daily run: everything except training; the saved model scores.",
)
retrain = dg.define_asset_job(
    "retrain",
    selection=MODEL.downstream(),
    description="Train the linkage model anew on the records at hand, link again, and publish. Golden IDs stay.",
)
