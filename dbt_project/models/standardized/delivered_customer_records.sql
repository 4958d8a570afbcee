{%- set columns = {'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar'} -%}
{%- do columns.update(customer_record_columns()) -%}
with unioned as (
    {{ union_staging_models(var('customer_record_models'), columns) }}
)

select
    source_system || ':' || source_object || ':' || source_id as record_key,
    *
from unioned
