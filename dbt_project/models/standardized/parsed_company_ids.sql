-- depends_on: {{ ref('skip_values') }}
{{ config(
    materialized='incremental', unique_key='company_id_key', on_schema_change='sync_all_columns',
    post_hook="{{ forget_undelivered('company_id_key', ['company_id_key']) }}"
) }}

with delivered as (
    {{ distinct_values('company_id_key', ['company_id', 'reading_country']) }}
),

parsed as (
    select
        company_id_key,
        parse_company_id(company_id, reading_country) as parts,
        {{ is_skip_value(clean_text('company_id'), 'company') }} as is_skip_value
    from delivered
    where {{ is_new_value('company_id_key') }}
),

judged as (
    select
        parsed.*,
        parsed.is_skip_value or {{ is_skip_value('parsed.parts.company_id', 'company') }} as is_placeholder
    from parsed
)

-- noqa: disable=RF03,AL09
select
    company_id_key,
    case when not is_placeholder then parts.company_id end as company_id,
    case when not is_placeholder then parts.company_id_type end as company_id_type,
    case when not is_placeholder then parts.is_company_id_valid end as is_company_id_valid,
    case when not is_placeholder then parts.company_id_division end as company_id_division,
    case when not is_placeholder then parts.company_id_country end as company_id_country,
    {{ with_rule('parts.rules', 'is_placeholder', 'placeholder') }} as rules,
    standardization_version() as standardization_version
from judged
