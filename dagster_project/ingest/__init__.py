"""Ingestion: from a delivered file to typed raw rows, with everything that could not be loaded kept and counted.

Belongs here: declarations of source objects, reading files, typing, quarantine, the load log.
Does not belong here: any meaning of a column beyond its type (staging and standardized own that).
"""
