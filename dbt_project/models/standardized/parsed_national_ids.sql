-- depends_on: {{ ref('skip_values') }}
{{ config(
    materialized='incremental', unique_key='national_id_key', on_schema_change='sync_all_columns',
    post_hook="{{ forget_undelivered('national_id_key', ['national_id_key']) }}"
) }}

with delivered as (
    {{ distinct_values('national_id_key', ['national_id', 'reading_country']) }}
),

parsed as (
    select
        national_id_key,
        parse_national_id(national_id, reading_country) as parts,
        {{ is_skip_value(clean_text('national_id'), 'national_id') }} as is_skip_value
    from delivered
    where {{ is_new_value('national_id_key') }}
),

judged as (
    select
        parsed.*,
        parsed.is_skip_value or {{ is_skip_value('parsed.parts.national_id', 'national_id') }} as is_placeholder
    from parsed
)

-- noqa: disable=RF03,AL09
select
    national_id_key,
    case when not is_placeholder then parts.national_id end as national_id,
    case when not is_placeholder then parts.national_id_type end as national_id_type,
    case when not is_placeholder then parts.is_national_id_valid end as is_national_id_valid,
    case when not is_placeholder then parts.national_id_birth_date end as national_id_birth_date,
    case when not is_placeholder then parts.national_id_gender end as national_id_gender,
    case when not is_placeholder then parts.national_id_division end as national_id_division,
    {{ with_rule('parts.rules', 'is_placeholder', 'placeholder') }} as rules,
    standardization_version() as standardization_version
from judged
