-- Stages follow from purchase days alone: after each purchase day a customer is new or active, then silent, then
-- churned, until the next one. So the whole history is rebuilt from the facts, with today's limits.

with lifecycle as (
    {%- for lifecycle, limits in {
        'lifecycle_fixed': (var('lifecycle_active_days'), var('lifecycle_silent_days')),
        'lifecycle_own_pace': ('own_pace_active_days', 'own_pace_silent_days'),
    }.items() %}
    select
        golden_id,
        as_of,
        '{{ lifecycle }}' as lifecycle,
        first_order_date,
        {{ limits[0] }} as active_days,
        {{ limits[1] }} as silent_days
    from {{ ref('customer_lifecycle') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

purchase_day as (
    select
        orders.golden_id,
        orders.order_date,
        sum(count(*)) over (partition by orders.golden_id order by orders.order_date) as orders_so_far,
        lead(orders.order_date) over (partition by orders.golden_id order by orders.order_date) as next_order_date
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('as_of') }} as as_of
    where orders.golden_id is not null and orders.is_purchase and orders.order_date <= as_of.as_of
    group by orders.golden_id, orders.order_date
),

spell as (
    select
        lifecycle.*,
        purchase_day.order_date,
        purchase_day.next_order_date,
        -- Day, counted from the purchase, on which the stage after "new" may begin.
        case when purchase_day.orders_so_far = 1 then {{ var('lifecycle_new_days') }} + 1 else 0 end as after_new
    from lifecycle
    inner join purchase_day on lifecycle.golden_id = purchase_day.golden_id
),

-- First and last day of each stage, counted from the purchase; a stage that ends before it begins does not occur.
offset_days as (
    select
        *,
        'new' as stage,
        0 as from_day,
        after_new - 1 as to_day
    from spell
    union all
    select
        *,
        'active' as stage,
        after_new as from_day,
        active_days as to_day
    from spell
    union all
    select
        *,
        'silent' as stage,
        greatest(after_new, active_days + 1) as from_day,
        silent_days as to_day
    from spell
    union all
    select
        *,
        'churned' as stage,
        greatest(after_new, active_days + 1, silent_days + 1) as from_day,
        null as to_day
    from spell
),

dated as (
    select
        golden_id,
        as_of,
        lifecycle,
        stage,
        {{ add_days('order_date', 'from_day') }} as valid_from,
        case
            when to_day is null then next_order_date
            else least({{ add_days('order_date', 'to_day + 1') }}, coalesce(next_order_date, date '9999-12-31'))
        end as valid_to
    from offset_days
    where to_day is null or from_day <= to_day
    union all
    -- Known before the first order, or never ordered.
    select
        lifecycle.golden_id,
        lifecycle.as_of,
        lifecycle.lifecycle,
        'prospect' as stage,
        least(coalesce(cast(customer.first_updated_at as date), lifecycle.as_of), lifecycle.as_of) as valid_from,
        lifecycle.first_order_date as valid_to
    from lifecycle
    inner join {{ ref('golden_customers') }} as customer on lifecycle.golden_id = customer.golden_id
    where lifecycle.first_order_date is null or cast(customer.first_updated_at as date) < lifecycle.first_order_date
),

-- What lies beyond as_of has not happened: a stage that still holds then has no end yet.
past as (
    select
        golden_id,
        as_of,
        lifecycle,
        stage,
        valid_from,
        case when valid_to <= as_of then valid_to end as valid_to
    from dated
    where valid_from <= as_of and (valid_to is null or valid_from < valid_to)
),

changed as (
    select
        *,
        case
            when stage = lag(stage) over (partition by lifecycle, golden_id order by valid_from) then 0 else 1
        end as is_change
    from past
),

numbered as (
    select
        *,
        sum(is_change) over (
            partition by lifecycle, golden_id order by valid_from rows between unbounded preceding and current row
        ) as stage_number
    from changed
)

select
    golden_id,
    as_of,
    lifecycle,
    stage,
    {{ lifecycle_zh('stage') }} as stage_zh,
    min(valid_from) as valid_from,
    case when count(valid_to) = count(*) then max(valid_to) end as valid_to
from numbered
group by golden_id, as_of, lifecycle, stage, stage_number
order by golden_id, lifecycle, valid_from
