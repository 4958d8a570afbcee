with revenue as (
    select
        golden_id,
        as_of,
        monetary as net_revenue,
        sum(monetary) over () as total_revenue,
        -- Everyone ranked strictly above: those down to this revenue, less those with exactly this revenue.
        sum(monetary) over (order by monetary desc range between unbounded preceding and current row)
        - sum(monetary) over (partition by monetary) as revenue_above
    from {{ ref('customer_rfm') }}
),

tiered as (
    select
        *,
        case
            -- Refunds outweigh sales: there is no revenue to have a share of.
            when total_revenue <= 0 then 'low'
            when revenue_above < {{ var('value_tier_high_share') }} * total_revenue then 'high'
            when revenue_above < {{ var('value_tier_medium_share') }} * total_revenue then 'medium'
            else 'low'
        end as value_tier
    from revenue
)

select
    golden_id,
    as_of,
    net_revenue,
    case when total_revenue > 0 then round(cast(revenue_above as double) / cast(total_revenue as double), 6) end
        as revenue_share_before,
    value_tier,
    case value_tier when 'high' then '高' when 'medium' then '中' else '低' end as value_tier_zh,
    case value_tier when 'high' then 'A' when 'medium' then 'B' else 'C' end as value_class
from tiered
order by golden_id
