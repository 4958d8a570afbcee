"""Cases of the catalogue of bad deliveries, docs/bad-deliveries.md."""

import pytest

pytest.register_assert_rewrite("tests.ingest.dock")
