"""Deduplicating one list: reading any customer file and writing the result back in the list's own terms.

Belongs here: recognising columns, reading formats, writing the results. Does not belong here: standardization (dbt),
linkage and golden IDs (linkage), survivorship (dbt): a list goes through the same code as a company's sources.
"""
