"""Data quality: Great Expectations suites run over warehouse tables.

Belongs here: reading suites, running one over a table, a readable result. Does not belong here: what is expected
(expectations/*.json), or when it runs and what it blocks (components).
"""
