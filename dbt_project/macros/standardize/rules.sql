{# The rules that changed a value, and one more where the condition holds; never NULL. #}
{% macro with_rule(rules, condition, rule) -%}
    case when {{ condition }} then {{ lists_joined(rules, "'" ~ rule ~ "'") }} else {{ rules }} end
{%- endmacro %}

{# The condition that two texts differ by more than case and blanks; an empty text is none. #}
{% macro differs(raw, corrected) -%}
    coalesce(lower({{ replace_all('cast(' ~ raw ~ ' as varchar)', "'[\\s\\p{Z}]+'", "''") }}), '')
    != coalesce(lower({{ replace_all('cast(' ~ corrected ~ ' as varchar)', "'[\\s\\p{Z}]+'", "''") }}), '')
{%- endmacro %}
