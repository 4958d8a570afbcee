-- depends_on: {{ ref('skip_values') }}
{{ config(
    materialized='incremental', unique_key='phone_key', on_schema_change='sync_all_columns',
    post_hook="{{ forget_undelivered('phone_key', ['phone_key', 'phone_alt_key']) }}"
) }}

-- Every distinct number is parsed once per country in which it was met, and only new ones on the next run.
with delivered as (
    {{ distinct_values('phone_key', ['phone', 'reading_country']) }}
    union
    {{ distinct_values('phone_alt_key', ['phone_alt', 'reading_country']) }}
),

parsed as (
    select
        phone_key,
        reading_country,
        parse_phone(phone, reading_country) as parts,
        {{ is_skip_value(clean_text('phone'), 'phone') }} as is_placeholder
    from delivered
    where {{ is_new_value('phone_key') }}
)

-- noqa: disable=RF03,AL09
select
    phone_key,
    reading_country,
    case when not is_placeholder then parts.phone end as phone,
    case when not is_placeholder then parts.second_phone end as second_phone,
    case when not is_placeholder then parts.phone_extension end as phone_extension,
    case when not is_placeholder then parts.phone_type end as phone_type,
    case when not is_placeholder then parts.is_virtual end as is_virtual,
    {{ with_rule('parts.rules', 'is_placeholder', 'placeholder') }} as rules,
    standardization_version() as standardization_version
from parsed
