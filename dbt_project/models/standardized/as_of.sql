-- The variable wins; without it the newest event in the data, so that a rerun over the same input gives the same marts.
with events as (
    select max(ordered_at) as newest from {{ ref('std_orders') }}
    union all
    select max(occurred_at) as newest from {{ ref('std_interactions') }}
    union all
    select max(source_updated_at) as newest from {{ ref('std_customer_records') }}
)

select
    coalesce(
        cast(nullif('{{ var("as_of") or "" }}', '') as date),
        cast(max(newest) as date),
        date '1970-01-01'
    ) as as_of
from events
