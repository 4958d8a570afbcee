select
    load_id,
    source_system,
    source_object,
    file,
    file_hash,
    status,
    message,
    rows_read,
    rows_accepted,
    rows_duplicate,
    rows_quarantined,
    rows_read - rows_accepted - rows_duplicate - rows_quarantined as rows_unaccounted,
    loaded_at
from {{ source('raw', 'load_log') }}
order by load_id
