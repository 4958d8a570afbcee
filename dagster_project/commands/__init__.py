"""What the command line offers: run the pipeline, deduplicate one list.

Belongs here: arguments, progress and what is told at the end. Does not belong here: any step of the pipeline.
"""
