{{ config(materialized='incremental', unique_key='address_key', on_schema_change='fail') }}

-- depends_on: {{ ref('skip_values') }}
-- Parsing is costly and addresses repeat: every distinct one is parsed once, and only new ones on the next run.
{% set parts = ['address_full', 'street', 'house_number', 'district', 'city', 'region', 'postcode'] %}
with delivered as (
    select
        {{ address_key('records.') }} as address_key,
        {% for column in address_columns() %}any_value(records.{{ column }}) as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('delivered_customer_records') }} as records
    group by 1
),

new_addresses as (
    select * from delivered
    {% if is_incremental() %}
    where address_key not in (select known.address_key from {{ this }} as known)
    {% endif %}
),

stated as (
    select
        new_addresses.address_key,
        countries.country_code as country,
        {% for column in parts -%}
        case
            when not {{ is_skip_value(clean_text('new_addresses.' ~ column), 'address') }} then new_addresses.{{ column }}
        end as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from new_addresses
    left join {{ ref('country_names') }} as countries
        on lower({{ clean_text('new_addresses.country') }}) = countries.country_name
),

parsed as (
    select
        address_key,
        parse_address(address_full, street, house_number, district, city, region, postcode, country) as parts
    from stated
)

-- noqa: disable=RF03,AL09
select
    address_key,
    parts.country as country,
    parts.street as street,
    parts.house_number as house_number,
    parts.unit as unit,
    parts.district as district,
    parts.city as city,
    parts.region as region,
    parts.postcode as postcode,
    parts.address_full as address_full,
    parts.division_code as division_code,
    parts.is_postcode_valid as is_postcode_valid,
    parts.city_imputed as city_imputed,
    parts.region_imputed as region_imputed,
    parts.country_imputed as country_imputed,
    parts.rules as rules
from parsed
