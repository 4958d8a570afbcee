-- depends_on: {{ ref('skip_values') }}
{{ config(materialized='incremental', unique_key='phone_key', on_schema_change='fail') }}

-- Every distinct number is parsed once per country in which it was met, and only new ones on the next run.
with located as (
    select
        records.phone,
        records.phone_alt,
        {{ phone_country() }} as country_code
    from {{ ref('delivered_customer_records') }} as records
    left join {{ ref('country_names') }} as countries
        on lower({{ clean_text('records.country') }}) = countries.country_name
),

delivered as (
    select
        phone as delivered_phone,
        country_code
    from located
    where phone is not null
    union
    select
        phone_alt as delivered_phone,
        country_code
    from located
    where phone_alt is not null
),

keyed as (
    select
        {{ phone_key('delivered_phone', 'country_code') }} as phone_key,
        delivered_phone,
        country_code
    from delivered
),

new_phones as (
    select * from keyed
    {% if is_incremental() %}
    where phone_key not in (select known.phone_key from {{ this }} as known)
    {% endif %}
)

select
    phone_key,
    country_code,
    case
        when not {{ is_skip_value(clean_text('delivered_phone'), 'phone') }}
            then standard_phone(delivered_phone, country_code)
    end as phone
from new_phones
