{# Hashes that name delivered values or records; the sign between the cells cannot stand in a cell, an empty cell is none. #}
{% macro value_hash(cells) -%}
    md5({% if cells | length > 1 %}concat_ws(chr(31), {% for cell in cells %}coalesce(cast({{ cell }} as varchar), ''){% if not loop.last %}, {% endif %}{% endfor %}){% else %}cast({{ cells[0] }} as varchar){% endif %})
{%- endmacro %}

{# The key of a value of one or more cells, the first ones the value, the country in which it is read last: NULL where
   nothing was delivered, so that it is nobody's key. #}
{% macro value_key(cells) -%}
    {%- set stated = cells | reject('equalto', 'reading_country') | list -%}
    case when {% if stated | length > 1 %}coalesce({{ stated | join(', ') }}){% else %}{{ stated[0] }}{% endif %} is not null then {{ value_hash(cells) }} end
{%- endmacro %}

{% macro address_columns() %}
    {{ return(['address_full', 'street', 'house_number', 'district', 'city', 'region', 'postcode', 'country']) }}
{% endmacro %}

{# The cells of delivered records that make one value together, as columns of the distinct ones. #}
{% macro distinct_values(key, cells) -%}
    select distinct
        {{ key }},
        {{ cells | join(',\n        ') }}
    from {{ ref('delivered_customer_records') }}
    where {{ key }} is not null
{%- endmacro %}

{# The condition that a value was not yet read by this version of the parsers, rules and reference data; with `owner`, that
   this record did not have it. A table from before there were versions knows none. #}
{% macro is_new_value(key, owner=none) -%}
    {%- set known = namespace(versions=false) -%}
    {%- if is_incremental() -%}
        {%- for column in adapter.get_columns_in_relation(this) if column.name == 'standardization_version' %}{% set known.versions = true %}{% endfor -%}
    {%- endif -%}
    {%- if known.versions -%}
    not exists (
        select 1 from {{ this }} as known
        where known.{{ key }} = delivered.{{ key }}{% if owner %} and known.{{ owner }} = delivered.{{ owner }}{% endif %} and known.standardization_version = standardization_version()
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# Values that no record has any more are forgotten. #}
{% macro forget_undelivered(key, delivered_keys) -%}
    delete from {{ this }}
    where {{ key }} not in (
        {%- for delivered_key in delivered_keys %}
        select {{ delivered_key }} from {{ ref('delivered_customer_records') }} where {{ delivered_key }} is not null
        {%- if not loop.last %} union all {% endif %}
        {%- endfor %}
    )
{%- endmacro %}
