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

{% macro address_columns() %}
    {{ return(['address_full', 'street', 'house_number', 'district', 'city', 'region', 'postcode', 'country']) }}
{% endmacro %}

{% macro address_key(prefix) -%}
    {%- set cells = [] -%}
    {%- for column in address_columns() %}{% do cells.append(prefix ~ column) %}{% endfor -%}
    {{ value_hash(cells) }}
{%- endmacro %}

{# The country in which a record's phone numbers are read: its own, China for names in Han script, else its source's.
   Expects the aliases records (delivered_customer_records) and countries (country_names). #}
{% macro phone_country() -%}
    coalesce(
        countries.country_code,
        case when {{ contains_match("coalesce(records.full_name, records.family_name, records.given_name, records.company_name)", "'[一-龥]'") }} then 'CN' end,
        records.default_country
    )
{%- endmacro %}
