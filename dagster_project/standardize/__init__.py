"""Standardization that SQL does not serve: names of persons and companies, phone numbers, as pure functions over one value.

Belongs here: parsers of one value and their registration as SQL functions. Does not belong here: the shape of
std_customer_records or any rule that SQL can state (dbt_project/models/standardized).
"""
