{%- set columns = {
    'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar', 'order_key': 'varchar',
    'line_number': 'bigint', 'product_key': 'varchar', 'product_name': 'varchar', 'quantity': 'decimal(18,3)',
    'unit_price': 'decimal(18,4)', 'net_revenue': 'decimal(18,2)', 'is_refund': 'boolean', 'refunded_at': 'timestamp',
    'refund_reason': 'varchar',
} -%}
with delivered as (
    {{ union_staging_models(var('order_line_models'), columns) }}
)

select
    source_system || ':' || source_object || ':' || source_id as order_line_key,
    source_system,
    source_object,
    source_id,
    order_key,
    line_number,
    nullif(trim(product_key), '') as product_key,
    nullif(trim(product_name), '') as product_name,
    quantity,
    unit_price,
    net_revenue,
    coalesce(is_refund, false) as is_refund,
    refunded_at,
    nullif(trim(refund_reason), '') as refund_reason
from delivered
