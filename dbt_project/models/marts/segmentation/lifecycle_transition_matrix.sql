with history as (
    select * from {{ ref('customer_lifecycle_history') }}
),

bounds as (
    select
        min(valid_from) as first_day,
        max(as_of) as as_of
    from history
),

month_end as (
    select cast(last_day(cast(month_start as date)) as date) as month_end
    from (select {{ each_month('first_day', 'as_of') }} as month_start from bounds) as month
),

complete_month as (
    select
        month_end.month_end,
        bounds.as_of
    from month_end
    cross join bounds
    where month_end.month_end <= bounds.as_of
),

state as (
    select
        history.lifecycle,
        history.golden_id,
        complete_month.as_of,
        complete_month.month_end,
        history.stage as to_stage,
        -- From the first month in which a customer is known there is a state at every month's end.
        lag(history.stage) over (
            partition by history.lifecycle, history.golden_id order by complete_month.month_end
        ) as from_stage
    from history
    inner join complete_month
        on history.valid_from <= complete_month.month_end
        and (history.valid_to > complete_month.month_end or history.valid_to is null)
),

counted as (
    select
        lifecycle,
        as_of,
        month_end,
        coalesce(from_stage, 'unknown') as from_stage,
        to_stage,
        count(*) as customers
    from state
    group by lifecycle, as_of, month_end, coalesce(from_stage, 'unknown'), to_stage
)

select
    lifecycle,
    as_of,
    month_end,
    from_stage,
    to_stage,
    customers,
    cast(customers as double) / cast(sum(customers) over (partition by lifecycle, month_end, from_stage) as double)
        as share_of_from_stage
from counted
order by lifecycle, month_end, from_stage, to_stage
