{# Hashes that name a delivered value; the sign between the cells cannot stand in a cell, and NULL differs from empty. #}
{% macro value_hash(cells) -%}
    md5({% for cell in cells %}coalesce('=' || cast({{ cell }} as varchar), '-'){% if not loop.last %} || chr(31) || {% endif %}{% endfor %})
{%- endmacro %}

{% macro name_key(full_name, given_name, family_name) -%}
    {{ value_hash([full_name, given_name, family_name]) }}
{%- endmacro %}

{% macro phone_key(phone, country_code) -%}
    {{ value_hash([phone, country_code]) }}
{%- endmacro %}
