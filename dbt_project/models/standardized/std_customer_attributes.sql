-- depends_on: {{ ref('skip_values') }}
{% set columns = {
    'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar', 'source_updated_at': 'timestamp',
    'attribute': 'varchar', 'value': 'varchar', 'trust': 'varchar',
} -%}
with delivered as (
    {{ union_staging_models(var('customer_attribute_models'), columns) }}
),

cleaned as (
    select
        source_system || ':' || source_object || ':' || source_id as record_key,
        source_system,
        source_object,
        source_id,
        attribute,
        {{ clean_text('value') }} as value,
        source_updated_at,
        trust
    from delivered
),

-- Values of a code list are written one way, whatever the language of the source; all others stay as they are.
standard as (
    select
        cleaned.record_key,
        cleaned.source_system,
        cleaned.source_object,
        cleaned.source_id,
        cleaned.attribute,
        coalesce(codes.standard_value, cleaned.value) as value,
        cleaned.source_updated_at,
        cleaned.trust
    from cleaned
    left join {{ ref('code_values') }} as codes
        on case when cleaned.attribute = 'preferred_language' then 'language' else cleaned.attribute end = codes.code_list
        and lower(cleaned.value) = codes.source_value
    where not {{ is_skip_value('cleaned.value', 'attribute') }}
)

-- A list may name one thing twice, or in two languages.
select *
from standard
qualify row_number() over (partition by record_key, attribute, value order by source_updated_at desc nulls last, trust asc) = 1
