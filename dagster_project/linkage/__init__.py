"""Linkage: which records are the same customer.

Belongs here: the declared comparisons and blocking rules, the learned model, scoring, clustering, golden IDs and their
evaluation. Does not belong here: cleaning of values (``standardize``), what a golden record looks like (dbt), Dagster.
"""
