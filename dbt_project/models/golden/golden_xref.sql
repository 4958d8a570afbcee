with assignment as (
    select * from {{ source('linkage', 'golden_id_assignment') }}
),

record as (
    select * from {{ ref('std_customer_records') }}
)

select
    record.record_key,
    record.source_system,
    record.source_object,
    record.source_id,
    assignment.golden_id,
    assignment.linked_since,
    record.source_updated_at
from record
-- A record without a golden ID must fail the contract, not vanish.
left join assignment on record.record_key = assignment.record_key
order by record.record_key
