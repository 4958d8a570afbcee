{%- set columns = {
    'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar', 'customer_record_key': 'varchar',
    'channel': 'varchar', 'interaction_type': 'varchar', 'direction': 'varchar', 'occurred_at': 'timestamp',
    'subject': 'varchar', 'outcome': 'varchar', 'satisfaction': 'bigint', 'related_order_key': 'varchar',
} -%}
with delivered as (
    {{ union_staging_models(var('interaction_models'), columns) }}
)

select
    source_system || ':' || source_object || ':' || source_id as interaction_key,
    *
from delivered
