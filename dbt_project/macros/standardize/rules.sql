{# The rules that changed a value, and one more where the condition holds; never NULL. #}
{% macro with_rule(rules, condition, rule) -%}
    case when {{ condition }} then {{ lists_joined(rules, "'" ~ rule ~ "'") }} else {{ rules }} end
{%- endmacro %}

{# The condition that two texts differ by more than case and blanks; an empty text is none. #}
{% macro differs(raw, corrected) -%}
    coalesce(lower({{ replace_all('cast(' ~ raw ~ ' as varchar)', "'[\\s\\p{Z}]+'", "''") }}), '')
    != coalesce(lower({{ replace_all('cast(' ~ corrected ~ ' as varchar)', "'[\\s\\p{Z}]+'", "''") }}), '')
{%- endmacro %}

{# The condition that a record was standardized after all that the log already holds. #}
{% macro is_standardized_since() -%}
    {%- if is_incremental() -%}
    standardized_at > coalesce((select max(known.standardized_at) from {{ this }} as known), timestamp '1970-01-01')
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# The log of a record that is gone, or of an earlier standard of it. #}
{% macro forget_earlier_standards() -%}
    delete from {{ this }} where not exists (
        select 1 from {{ ref('standardized_values') }} as present
        where present.record_key = {{ this }}.record_key and present.standardized_at = {{ this }}.standardized_at
    )
{%- endmacro %}
