select
    run_id,
    measure,
    cast(value as double) as value
from {{ source('linkage', 'linkage_quality') }}
order by run_id, measure
