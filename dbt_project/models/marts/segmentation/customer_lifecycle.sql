with purchase_day as (
    select
        orders.golden_id,
        orders.order_date,
        count(*) as order_count,
        {{ days_between(
            'lag(orders.order_date) over (partition by orders.golden_id order by orders.order_date)', 'orders.order_date'
        ) }} as gap_days
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('as_of') }} as as_of
    where orders.golden_id is not null and orders.is_purchase and orders.order_date <= as_of.as_of
    group by orders.golden_id, orders.order_date
),

purchases as (
    select
        golden_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        sum(order_count) as order_count,
        count(gap_days) as gap_count,
        median(gap_days) as median_gap_days
    from purchase_day
    group by golden_id
),

population as (
    select median(gap_days) as median_gap_days from purchase_day
),

-- With few gaps of their own, customers lean on everyone's: the population's median counts as three gaps.
paced as (
    select
        purchases.*,
        (purchases.gap_count * coalesce(purchases.median_gap_days, 0) + 3 * population.median_gap_days)
        / (purchases.gap_count + 3) as personal_interval_days
    from purchases
    cross join population
),

rho_at_return as (
    select purchase_day.gap_days / paced.personal_interval_days as rho
    from purchase_day
    inner join paced on purchase_day.golden_id = paced.golden_id
    where purchase_day.gap_days is not null
),

return_pace as (
    select
        percentile_cont(0.80) within group (order by rho) as rho_active,
        percentile_cont(0.95) within group (order by rho) as rho_silent
    from rho_at_return
),

limited as (
    select
        customer.golden_id,
        as_of.as_of,
        paced.first_order_date,
        paced.last_order_date,
        coalesce(paced.order_count, 0) as order_count,
        {{ days_between('paced.first_order_date', 'as_of.as_of') }} as days_since_first_order,
        {{ days_between('paced.last_order_date', 'as_of.as_of') }} as days_since_last_order,
        coalesce(paced.gap_count, 0) as gap_count,
        paced.median_gap_days,
        paced.personal_interval_days,
        -- The limits in whole days: rho <= limit exactly when days <= floor(limit * interval); the small addend keeps
        -- a limit that is a whole number of days from falling below it. Nobody ever came back: the fixed limits hold.
        {%- for stage, rho_limit in {'active': 'rho_active', 'silent': 'rho_silent'}.items() %}
        case
            when return_pace.{{ rho_limit }} is null then {{ var('lifecycle_' ~ stage ~ '_days') }}
            else least(
                cast(floor(return_pace.{{ rho_limit }} * paced.personal_interval_days + 0.000001) as integer),
                {{ var('own_pace_churned_after_days') }}
            )
        end as own_pace_{{ stage }}_days{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('golden_customers') }} as customer
    cross join {{ ref('as_of') }} as as_of
    cross join return_pace
    left join paced on customer.golden_id = paced.golden_id
),

staged as (
    select
        *,
        {%- for stage, limits in {
            'lifecycle_fixed': (var('lifecycle_active_days'), var('lifecycle_silent_days')),
            'lifecycle_own_pace': ('own_pace_active_days', 'own_pace_silent_days'),
        }.items() %}
        case
            when order_count = 0 then 'prospect'
            when order_count = 1 and days_since_first_order <= {{ var('lifecycle_new_days') }} then 'new'
            when days_since_last_order <= {{ limits[0] }} then 'active'
            when days_since_last_order <= {{ limits[1] }} then 'silent'
            else 'churned'
        end as {{ stage }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from limited
)

select
    golden_id,
    as_of,
    first_order_date,
    last_order_date,
    cast(order_count as bigint) as order_count,
    days_since_first_order,
    days_since_last_order,
    gap_count,
    cast(median_gap_days as double) as median_gap_days,
    cast(personal_interval_days as double) as personal_interval_days,
    cast(days_since_last_order / personal_interval_days as double) as rho,
    own_pace_active_days,
    own_pace_silent_days,
    lifecycle_fixed,
    {{ lifecycle_zh('lifecycle_fixed') }} as lifecycle_fixed_zh,
    lifecycle_own_pace,
    {{ lifecycle_zh('lifecycle_own_pace') }} as lifecycle_own_pace_zh
from staged
order by golden_id
