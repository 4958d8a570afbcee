-- depends_on: {{ ref('skip_values') }}
{{ config(
    materialized='incremental', unique_key='address_key', on_schema_change='sync_all_columns',
    post_hook="{{ forget_undelivered('address_key', ['address_key']) }}"
) }}

with delivered as (
    {{ distinct_values('address_key', address_columns() + ['country_code']) }}
),

new_values as (
    select
        address_key,
        country_code,
        {% for column in ['address_full', 'street', 'house_number', 'district', 'city', 'region', 'postcode'] -%}
        case when not {{ is_skip_value(clean_text(column), 'address') }} then {{ column }} end as {{ column }},
        {{ column }} is not null and {{ is_skip_value('coalesce(' ~ clean_text(column) ~ ", '')", 'address') }} as is_{{ column }}_skipped
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from delivered
    where {{ is_new_value('address_key') }}
),

parsed as (
    select
        address_key,
        parse_address(address_full, street, house_number, district, city, region, postcode, country_code) as parts,
        {% for column in ['address_full', 'street', 'house_number', 'district', 'city', 'region', 'postcode'] -%}
        is_{{ column }}_skipped {%- if not loop.last %} or {% endif -%}
        {%- endfor %} as has_placeholder
    from new_values
)

-- noqa: disable=RF03,AL09
select
    address_key,
    parts.street as street,
    parts.house_number as house_number,
    parts.unit as unit,
    parts.district as district,
    parts.city as city,
    parts.region as region,
    parts.postcode as postcode,
    parts.country as country,
    parts.address_full as address_full,
    parts.division_code as division_code,
    parts.is_postcode_valid as is_postcode_valid,
    parts.city_imputed as city_imputed,
    parts.region_imputed as region_imputed,
    parts.country_imputed as country_imputed,
    {{ with_rule('parts.rules', 'has_placeholder', 'placeholder') }} as rules,
    standardization_version() as standardization_version
from parsed
