{# The order_key of an order that a person or another system names by its number alone: the first letters say whose
   number it is. NULL for any other number, which stays where it was delivered. #}
{% macro order_key_of_number(number) -%}
    case
        {%- for prefix, source_object in var('order_number_prefixes').items() %}
        when upper(trim({{ number }})) like '{{ prefix }}%' then '{{ source_object }}:' || upper(trim({{ number }}))
        {%- endfor %}
    end
{%- endmacro %}
