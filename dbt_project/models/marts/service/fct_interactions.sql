-- The tables that its codes name come first; otherwise the tests that compare them would belong to no step of a run.
-- depends_on: {{ ref('interaction_channels') }}
-- depends_on: {{ ref('interaction_types') }}
-- depends_on: {{ ref('dim_campaign') }}
with touch as (
    select
        interaction_key,
        source_system,
        source_object,
        source_id,
        customer_record_key,
        channel,
        interaction_type,
        direction,
        occurred_at,
        subject,
        outcome,
        satisfaction,
        related_order_key,
        anonymous_id,
        session_id,
        duration_seconds,
        campaign_key
    from {{ ref('std_interactions') }}
    union all
    select
        order_key as interaction_key,
        source_system,
        source_object,
        source_id,
        customer_record_key,
        channel,
        'order' as interaction_type,
        'inbound' as direction,
        ordered_at as occurred_at,
        cast(null as varchar) as subject,
        order_status as outcome,
        null as satisfaction,
        order_key as related_order_key,
        cast(null as varchar) as anonymous_id,
        cast(null as varchar) as session_id,
        cast(null as bigint) as duration_seconds,
        cast(null as varchar) as campaign_key
    from {{ ref('std_orders') }}
)

select
    touch.interaction_key,
    coalesce(golden_xref.golden_id, attribution.golden_id) as golden_id,
    case when golden_xref.golden_id is not null then 'record' else attribution.identified_by end as identified_by,
    coalesce(touch.customer_record_key, attribution.customer_record_key) as customer_record_key,
    touch.source_system,
    touch.source_object,
    touch.source_id,
    touch.channel,
    touch.interaction_type,
    touch.direction,
    touch.occurred_at,
    touch.subject,
    touch.outcome,
    cast(touch.satisfaction as integer) as satisfaction,
    touch.related_order_key,
    touch.anonymous_id,
    touch.session_id,
    touch.duration_seconds,
    touch.campaign_key
from touch
left join {{ ref('golden_xref') }} as golden_xref on touch.customer_record_key = golden_xref.record_key
left join {{ ref('visitor_attributions') }} as attribution on touch.interaction_key = attribution.interaction_key
order by touch.interaction_key
