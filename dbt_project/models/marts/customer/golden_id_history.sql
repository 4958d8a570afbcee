select
    event_seq,
    run_id,
    as_of,
    golden_id,
    event,
    record_key,
    other_golden_id,
    cause
from {{ source('linkage', 'golden_id_history') }}
order by event_seq
