{%- set columns = {
    'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar', 'customer_record_key': 'varchar',
    'ordered_at': 'timestamp', 'currency': 'varchar', 'order_status': 'varchar', 'channel': 'varchar',
    'store_code': 'varchar',
} -%}
with currencies as (
    select *
    from {{ ref('currency_codes') }}
    where country_code is null
),

delivered as (
    {{ union_staging_models(var('order_models'), columns) }}
)

select
    delivered.source_system || ':' || delivered.source_object || ':' || delivered.source_id as order_key,
    delivered.source_system,
    delivered.source_object,
    delivered.source_id,
    delivered.customer_record_key,
    delivered.ordered_at,
    cast(coalesce(currencies.currency_code, upper({{ clean_text('delivered.currency') }}), '{{ var("reporting_currency") }}') as varchar) as currency,
    cast(coalesce(statuses.standard_value, 'unknown') as varchar) as order_status,
    delivered.channel,
    delivered.store_code
from delivered
left join currencies
    on lower({{ clean_text('delivered.currency') }}) = currencies.currency_name
left join {{ ref('code_values') }} as statuses
    on lower(trim(delivered.order_status)) = statuses.source_value and statuses.code_list = 'order_status'
