select
    record_key,
    source_system,
    source_object,
    source_id,
    golden_id,
    linked_since
from {{ ref('golden_xref') }}
order by record_key
