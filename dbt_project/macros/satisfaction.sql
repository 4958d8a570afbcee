{# Whether the satisfaction of an interaction answers how content the customer was (CSAT): by its type, so that a number of
   another scale, delivered by mistake, does not count. #}
{% macro is_csat(interactions) -%}
    {{ interactions }}.interaction_type in ('{{ var("csat_interaction_types") | join("', '") }}')
{%- endmacro %}
