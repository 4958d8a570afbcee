-- Every attribute of every record is compared as delivered and as written now; the parsers say which rules were at work.
-- A name or address line that is only put together from its parts is no change: the parts stand in the log themselves.
with changed as (
    {%- for attribute in logged_attributes() %}
    select
        record_key,
        source_system,
        source_object,
        '{{ attribute }}' as attribute,
        cast(raw_{{ attribute }} as varchar) as raw_value,
        cast({{ attribute }} as varchar) as corrected_value,
        {{ list_or(rules_of(attribute), "case when raw_" ~ attribute ~ " is null then 'from_other_cells' else 'unexplained' end") }} as rules
    from {{ ref('standardized_values') }}
    where {{ differs('raw_' ~ attribute, attribute) }}
        {%- if attribute in ('full_name', 'address_full') %} and raw_{{ attribute }} is not null{% endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

by_rule as (
    select
        record_key,
        source_system,
        source_object,
        attribute,
        raw_value,
        corrected_value,
        {{ each_member('rules') }} as rule
    from changed
)

select distinct
    record_key,
    source_system,
    source_object,
    attribute,
    rule,
    raw_value,
    corrected_value
from by_rule
