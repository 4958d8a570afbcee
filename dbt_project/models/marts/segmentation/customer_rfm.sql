with in_window as (
    select
        orders.golden_id,
        as_of.as_of,
        orders.order_date,
        orders.net_revenue,
        orders.is_purchase
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('as_of') }} as as_of
    where orders.golden_id is not null
        and orders.is_paid
        and orders.order_date > {{ add_days('as_of.as_of', -var('window_days')) }}
        and orders.order_date <= as_of.as_of
),

measured as (
    select
        golden_id,
        as_of,
        {{ days_between('max(case when is_purchase then order_date end)', 'as_of') }} as recency_days,
        count(case when is_purchase then 1 end) as frequency,
        cast(sum(net_revenue) as decimal(18, 2)) as monetary
    from in_window
    group by golden_id, as_of
    having count(case when is_purchase then 1 end) > 0
),

-- percent_rank, not ntile: equal values must share a score.
scored as (
    select
        *,
        {%- for measure, ordering in {'r': 'recency_days desc', 'f': 'frequency', 'm': 'monetary'}.items() %}
        cast(least(5, 1 + floor(5 * percent_rank() over (order by {{ ordering }}))) as integer) as {{ measure }}_score,
        {%- endfor %}
        -- Value against mean without dividing: exact in integers and decimals.
        case when recency_days * count(*) over () < sum(recency_days) over () then 'H' else 'L' end
        || case when frequency * count(*) over () > sum(frequency) over () then 'H' else 'L' end
        || case when monetary * count(*) over () > sum(monetary) over () then 'H' else 'L' end as rfm_8type
    from measured
),

coded as (
    select
        *,
        cast(r_score as varchar) || cast(f_score as varchar) || cast(m_score as varchar) as rfm_code
    from scored
)

select
    coded.golden_id,
    coded.as_of,
    coded.recency_days,
    coded.frequency,
    coded.monetary,
    coded.r_score,
    coded.f_score,
    coded.m_score,
    coded.rfm_code,
    rfm_segments.segment,
    rfm_segments.segment_zh,
    coded.rfm_8type,
    rfm_8types.segment as rfm_8type_segment,
    rfm_8types.segment_zh as rfm_8type_segment_zh
from coded
left join {{ ref('rfm_segments') }} as rfm_segments on coded.rfm_code = rfm_segments.rfm_code
left join {{ ref('rfm_8types') }} as rfm_8types on coded.rfm_8type = rfm_8types.rfm_8type
order by coded.golden_id
