with customer as (
    select * from {{ ref('dim_customer') }}
),

orders as (
    select orders.*
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('as_of') }} as as_of
    where orders.golden_id is not null and orders.is_paid and orders.order_date <= as_of.as_of
),

sales as (
    select
        golden_id,
        cast(sum(net_revenue) as decimal(18, 2)) as lifetime_revenue,
        cast(max(case when is_purchase then net_revenue end) as decimal(18, 2)) as largest_order_revenue
    from orders
    group by golden_id
),

-- The channel with most purchases; of equally many the later one, then the name decides.
channel as (
    select
        golden_id,
        channel
    from orders
    where is_purchase and channel is not null
    group by golden_id, channel
    qualify row_number() over (
        partition by golden_id order by count(*) desc, max(ordered_at) desc, channel
    ) = 1
),

service as (
    select
        interactions.golden_id,
        count(*) as interaction_count,
        count(case when interactions.interaction_type = 'complaint' then 1 end) as complaint_count,
        max(interactions.occurred_at) as last_interaction_at,
        cast(sum(case when {{ is_csat('interactions') }} then interactions.satisfaction end) as double)
        / nullif(count(case when {{ is_csat('interactions') }} then interactions.satisfaction end), 0) as mean_satisfaction
    from {{ ref('fct_interactions') }} as interactions
    cross join {{ ref('as_of') }} as as_of
    where interactions.golden_id is not null
        and interactions.interaction_type != 'order'
        and cast(interactions.occurred_at as date) <= as_of.as_of
    group by interactions.golden_id
)

select
    customer.golden_id,
    customer.as_of,
    customer.party_type,
    coalesce(customer.full_name, customer.company_name) as display_name,
    customer.given_name,
    customer.family_name,
    customer.company_name,
    customer.birth_date,
    customer.gender,
    customer.email,
    customer.phone,
    customer.address_full,
    customer.city,
    customer.region,
    customer.postcode,
    customer.country,
    customer.occupation,
    customer.industry_code,
    customer.consent_email,
    customer.consent_sms,
    customer.consent_phone,
    customer.record_count,
    customer.source_system_count,
    lifecycle.first_order_date,
    lifecycle.last_order_date,
    lifecycle.order_count,
    coalesce(sales.lifetime_revenue, 0) as lifetime_revenue,
    cast(round(sales.lifetime_revenue / nullif(lifecycle.order_count, 0), 2) as decimal(18, 2)) as revenue_per_order,
    sales.largest_order_revenue,
    channel.channel as preferred_channel,
    rfm.recency_days,
    rfm.frequency,
    rfm.monetary,
    rfm.rfm_code,
    rfm.segment as rfm_segment,
    rfm.segment_zh as rfm_segment_zh,
    rfm.rfm_8type_segment,
    rfm.rfm_8type_segment_zh,
    value_tier.value_tier,
    value_tier.value_tier_zh,
    lifecycle.lifecycle_fixed,
    lifecycle.lifecycle_fixed_zh,
    lifecycle.lifecycle_own_pace,
    lifecycle.lifecycle_own_pace_zh,
    loyalty.loyalty,
    loyalty.loyalty_zh,
    coalesce(service.interaction_count, 0) as interaction_count,
    coalesce(service.complaint_count, 0) as complaint_count,
    service.last_interaction_at,
    service.mean_satisfaction
from customer
left join {{ ref('customer_lifecycle') }} as lifecycle on customer.golden_id = lifecycle.golden_id
left join sales on customer.golden_id = sales.golden_id
left join channel on customer.golden_id = channel.golden_id
left join {{ ref('customer_rfm') }} as rfm on customer.golden_id = rfm.golden_id
left join {{ ref('customer_value_tier') }} as value_tier on customer.golden_id = value_tier.golden_id
left join {{ ref('customer_loyalty') }} as loyalty on customer.golden_id = loyalty.golden_id
left join service on customer.golden_id = service.golden_id
order by customer.golden_id
