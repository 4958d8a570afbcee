{{ config(
    materialized='incremental', unique_key='record_key', on_schema_change='append_new_columns',
    post_hook="{{ forget_earlier_standards() }}"
) }}

-- Every attribute of every record is compared as delivered and as written now; the parsers say which rules were at work.
-- A name or address line that is only put together from its parts is no change: the parts stand in the log themselves.
with changed as (
    {%- for attribute in logged_attributes() %}
    select
        record_key,
        source_system,
        source_object,
        standardized_at,
        '{{ attribute }}' as attribute,
        cast(raw_{{ attribute }} as varchar) as raw_value,
        cast({{ attribute }} as varchar) as corrected_value,
        {{ rules_of(attribute) }} as rules
    from {{ ref('standardized_values') }}
    where {{ differs('raw_' ~ attribute, attribute) }} and {{ is_standardized_since() }}
        {%- if attribute in ('full_name', 'address_full') %} and raw_{{ attribute }} is not null{% endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

by_rule as (
    select
        changed.*,
        {{ each_member('rules') }} as rule
    from changed
),

-- A parser says which rules were at work in an address; which of its parts each of them changes, the seed says.
explained as (
    select by_rule.*
    from by_rule
    inner join {{ ref('correction_rules') }} as known on by_rule.rule = known.rule
    where known.attributes = 'any' or {{ list_contains_part('known.attributes', 'by_rule.attribute') }}
),

unexplained as (
    select
        changed.*,
        case when changed.raw_value is null then 'from_other_cells' else 'unexplained' end as rule
    from changed
    left join explained
        on changed.record_key = explained.record_key and changed.attribute = explained.attribute
    where explained.record_key is null
)

select distinct
    record_key,
    source_system,
    source_object,
    attribute,
    rule,
    raw_value,
    corrected_value,
    standardized_at
from explained
union all
select
    record_key,
    source_system,
    source_object,
    attribute,
    rule,
    raw_value,
    corrected_value,
    standardized_at
from unexplained
