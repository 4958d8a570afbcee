{# The condition that a text is a placeholder for this attribute, written out from the seed skip_values, so that the
   engine sees constant lists and patterns. `text` is compared in lower case. Needs a depends_on comment on the seed. #}
{% macro is_skip_value(text, attribute) -%}
    {%- set rules = skip_value_rules(attribute) -%}
    {%- set exact = rules | selectattr(0, 'equalto', 'exact') | map(attribute=1) | list -%}
    {%- set patterns = rules | selectattr(0, 'equalto', 'pattern') | map(attribute=1) | list -%}
    (
        lower({{ text }}) in ('' {%- for value in exact %}, '{{ value | replace("'", "''") }}'{% endfor %})
        {%- if patterns %}
        or {{ matches_whole('lower(' ~ text ~ ')', "'" ~ (patterns | join('|') | replace("'", "''")) ~ "'") }}
        {%- endif %}
    )
{%- endmacro %}

{% macro skip_value_rules(attribute) %}
    {#- The linter renders models without a warehouse; everywhere else a missing seed is an error. -#}
    {%- if not execute or target.name == 'lint' -%}{{ return([]) }}{%- endif -%}
    {%- set found = run_query(
        "select match, value from " ~ ref('skip_values') ~ " where attribute in ('any', '" ~ attribute ~ "') order by match, value"
    ) -%}
    {{ return(found.rows) }}
{% endmacro %}

{% macro null_if_skip_value(text, attribute) -%}
    case when not {{ is_skip_value(text, attribute) }} then {{ text }} end
{%- endmacro %}
