{# The rules that changed a value, and one more where the condition holds; never NULL. #}
{% macro with_rule(rules, condition, rule) -%}
    case when {{ condition }} then {{ lists_joined(rules, "'" ~ rule ~ "'") }} else {{ rules }} end
{%- endmacro %}

{# The condition that two texts differ by more than case and blanks; an empty text is none. #}
{% macro differs(raw, corrected) -%}
    coalesce(lower({{ replace_all('cast(' ~ raw ~ ' as varchar)', "'[\\s\\p{Z}]+'", "''") }}), '')
    != coalesce(lower({{ replace_all('cast(' ~ corrected ~ ' as varchar)', "'[\\s\\p{Z}]+'", "''") }}), '')
{%- endmacro %}

{# The condition that a record was standardized after all that the table already holds. A table from before there was such
   a time holds none. #}
{% macro is_standardized_since() -%}
    {%- set known = namespace(times=false) -%}
    {%- if is_incremental() -%}
        {%- for column in adapter.get_columns_in_relation(this) if column.name == 'standardized_at' %}{% set known.times = true %}{% endfor -%}
    {%- endif -%}
    {%- if known.times -%}
    standardized_at > coalesce((select max(known.standardized_at) from {{ this }} as known), timestamp '1970-01-01')
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# Rows of a record that is gone, or of an earlier standard of it, are deleted. #}
{% macro forget_earlier_standards() -%}
    delete from {{ this }} where not exists (
        select 1 from {{ ref('standardized_values') }} as present
        where present.record_key = {{ this }}.record_key and present.standardized_at = {{ this }}.standardized_at
    )
{%- endmacro %}
