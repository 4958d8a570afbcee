{# Texts of a variable as the right side of IN: ('web', 'web_shop'); of an empty list nothing is a member. #}
{% macro text_list(values) -%}
    ({% for value in values %}'{{ value }}'{% if not loop.last %}, {% endif %}{% else %}null{% endfor %})
{%- endmacro %}
