-- depends_on: {{ ref('skip_values') }}
{{ config(
    materialized='incremental', unique_key='name_key', on_schema_change='sync_all_columns',
    post_hook="{{ forget_undelivered('name_key', ['name_key']) }}"
) }}

-- Parsing is costly and names repeat: every distinct name is parsed once, and only new ones on the next run.
with delivered as (
    {{ distinct_values('name_key', ['full_name', 'given_name', 'family_name']) }}
),

parsed as (
    select
        name_key,
        parse_person_name(full_name, given_name, family_name) as parts
    from delivered
    where {{ is_new_value('name_key') }}
),

-- A placeholder is no value: it must neither link two records nor survive into the golden customer.
judged as (
    select
        parsed.name_key,
        parsed.parts,
        {{ is_skip_value('parsed.parts.full_name', 'name') }} as is_placeholder,
        {{ is_skip_value('parsed.parts.given_name', 'name') }} as is_given_placeholder,
        {{ is_skip_value('parsed.parts.family_name', 'name') }} as is_family_placeholder
    from parsed
)

-- noqa: disable=RF03,AL09
select
    name_key,
    case when not is_placeholder then parts.full_name end as full_name,
    case when not is_given_placeholder then parts.given_name end as given_name,
    case when not is_family_placeholder then parts.family_name end as family_name,
    case when not is_placeholder then parts.name_pinyin end as name_pinyin,
    parts.name_title as name_title,
    parts.name_suffix as name_suffix,
    parts.formal_given_name as formal_given_name,
    {{ with_rule('parts.rules', 'is_placeholder or is_given_placeholder or is_family_placeholder', 'placeholder') }} as rules,
    standardization_version() as standardization_version
from judged
