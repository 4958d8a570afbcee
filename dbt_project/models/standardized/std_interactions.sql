{%- set columns = {
    'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar', 'customer_record_key': 'varchar',
    'channel': 'varchar', 'interaction_type': 'varchar', 'direction': 'varchar', 'occurred_at': 'timestamp',
    'subject': 'varchar', 'outcome': 'varchar', 'satisfaction': 'bigint', 'related_order_key': 'varchar',
    'anonymous_id': 'varchar', 'session_id': 'varchar', 'duration_seconds': 'bigint', 'campaign_key': 'varchar',
} -%}
with delivered as (
    {{ union_staging_models(var('interaction_models'), columns) }}
)

-- A channel or type that no code list knows stays as delivered: a test names it, and no touch is lost.
select
    delivered.source_system || ':' || delivered.source_object || ':' || delivered.source_id as interaction_key,
    delivered.source_system,
    delivered.source_object,
    delivered.source_id,
    delivered.customer_record_key,
    coalesce(channels.standard_value, lower(trim(delivered.channel))) as channel,
    coalesce(types.standard_value, lower(trim(delivered.interaction_type))) as interaction_type,
    delivered.direction,
    delivered.occurred_at,
    delivered.subject,
    delivered.outcome,
    delivered.satisfaction,
    delivered.related_order_key,
    delivered.anonymous_id,
    delivered.session_id,
    delivered.duration_seconds,
    delivered.campaign_key
from delivered
left join {{ ref('code_values') }} as channels
    on lower(trim(delivered.channel)) = channels.source_value and channels.code_list = 'channel'
left join {{ ref('code_values') }} as types
    on lower(trim(delivered.interaction_type)) = types.source_value and types.code_list = 'interaction_type'
