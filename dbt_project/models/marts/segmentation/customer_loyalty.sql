with purchases as (
    select
        orders.golden_id,
        count(*) as order_count,
        count(distinct date_trunc('quarter', orders.order_date)) as quarter_count
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('as_of') }} as as_of
    where orders.golden_id is not null
        and orders.is_purchase
        and orders.order_date > {{ add_days('as_of.as_of', -var('window_days')) }}
        and orders.order_date <= as_of.as_of
    group by orders.golden_id
),

survey as (
    select
        interactions.golden_id,
        count(interactions.satisfaction) as survey_count,
        cast(sum(interactions.satisfaction) as double) / count(interactions.satisfaction) as mean_satisfaction
    from {{ ref('fct_interactions') }} as interactions
    cross join {{ ref('as_of') }} as as_of
    where interactions.golden_id is not null
        and interactions.satisfaction is not null
        and {{ is_csat('interactions') }}
        and cast(interactions.occurred_at as date) <= as_of.as_of
    group by interactions.golden_id
),

judged as (
    select
        lifecycle.golden_id,
        lifecycle.as_of,
        coalesce(purchases.order_count, 0) as order_count,
        coalesce(purchases.quarter_count, 0) as quarter_count,
        coalesce(survey.survey_count, 0) as survey_count,
        survey.mean_satisfaction,
        case
            when lifecycle.lifecycle_fixed = 'churned' then 'lost'
            when purchases.order_count >= {{ var('loyal_orders') }}
                and purchases.quarter_count >= {{ var('loyal_quarters') }}
                and (survey.mean_satisfaction >= {{ var('loyal_satisfaction') }} or survey.golden_id is null) then 'loyal'
            else 'ordinary'
        end as loyalty
    from {{ ref('customer_lifecycle') }} as lifecycle
    left join purchases on lifecycle.golden_id = purchases.golden_id
    left join survey on lifecycle.golden_id = survey.golden_id
    where lifecycle.lifecycle_fixed != 'prospect'
)

select
    golden_id,
    as_of,
    order_count,
    quarter_count,
    survey_count,
    mean_satisfaction,
    loyalty,
    case loyalty when 'loyal' then '忠诚' when 'lost' then '流失' else '普通' end as loyalty_zh
from judged
order by golden_id
