-- The open stage of every customer's history is its stage today, in both lifecycles.
with today as (
    select
        golden_id,
        'lifecycle_fixed' as lifecycle,
        lifecycle_fixed as stage
    from {{ ref('customer_lifecycle') }}
    union all
    select
        golden_id,
        'lifecycle_own_pace' as lifecycle,
        lifecycle_own_pace as stage
    from {{ ref('customer_lifecycle') }}
),

still_open as (
    select * from {{ ref('customer_lifecycle_history') }}
    where valid_to is null
)

select
    coalesce(today.golden_id, still_open.golden_id) as golden_id,
    today.stage as stage_today,
    still_open.stage
from today
full join still_open on today.golden_id = still_open.golden_id and today.lifecycle = still_open.lifecycle
where today.stage is distinct from still_open.stage
