"""Standardization that SQL does not serve: parsers of every kind of value, as pure functions over single values.

Belongs here: parsers of one value, the rules by which they change it, and their registration as SQL functions. Does not
belong here: the shape of std_customer_records or any rule that SQL can state (dbt_project/models/standardized).
"""
