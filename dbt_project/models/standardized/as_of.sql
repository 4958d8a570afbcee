-- The variable wins; without it the newest event in the data, so that a rerun over the same input gives the same marts.
with events as (
    select max(ordered_at) as newest from {{ ref('std_orders') }}
    union all
    select max(occurred_at) as newest from {{ ref('std_interactions') }}
    union all
    select max(source_updated_at) as newest from {{ ref('std_customer_records') }}
)

select
    {% if var('as_of') %}
    cast('{{ var("as_of") }}' as date) as as_of
    {% else %}
    cast(coalesce(max(newest), timestamp '1970-01-01 00:00:00') as date) as as_of
    {% endif %}
from events
