-- depends_on: {{ ref('skip_values') }}
{{ config(
    materialized='incremental', unique_key='company_name_key', on_schema_change='sync_all_columns',
    post_hook="{{ forget_undelivered('company_name_key', ['company_name_key']) }}"
) }}

with delivered as (
    {{ distinct_values('company_name_key', ['company_name']) }}
),

parsed as (
    select
        company_name_key,
        parse_company_name(company_name) as parts
    from delivered
    where {{ is_new_value('company_name_key') }}
),

judged as (
    select
        *,
        {{ is_skip_value('parts.company_name', 'company') }} as is_placeholder
    from parsed
)

-- noqa: disable=RF03,AL09
select
    company_name_key,
    case when not is_placeholder then parts.company_name end as company_name,
    case when not is_placeholder then parts.company_core_name end as company_core_name,
    case when not is_placeholder then parts.company_legal_form end as company_legal_form,
    case when not is_placeholder then parts.is_branch end as is_branch,
    case when not is_placeholder then parts.parent_company_name end as parent_company_name,
    {{ with_rule('parts.rules', 'is_placeholder', 'placeholder') }} as rules,
    standardization_version() as standardization_version
from judged
