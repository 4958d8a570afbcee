"""Publication: the read-only copy of the marts that BI tools open.

Belongs here: building the copy beside the target and replacing it in one step. Does not belong here: deciding whether
to publish (blocking checks do) or any transformation (dbt).
"""
