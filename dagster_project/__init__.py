"""Golden Customer (客户归并平台): ingest, standardize, link, golden ID, marts.

Imports run one way: definitions -> defs -> components -> packages (ingest, standardize, linkage, quality, publish)
-> warehouse -> settings. Only definitions, defs and components import dagster.
"""
