with newest as (
    {{ newest_version(source('web_shop', 'customers'), ['customer_id'], 'updated_at') }}
)

select
    customer_id as source_id,
    'web_shop' as source_system,
    'customers' as source_object,
    updated_at as source_updated_at,
    'person' as party_type,
    first_name as given_name,
    last_name as family_name,
    birth_date,
    gender,
    email,
    phone,
    address1 as street,
    district,
    city,
    province as region,
    zip as postcode,
    country_code as country,
    company as company_name,
    member_no as external_id,
    accepts_marketing as consent_email,
    accepts_sms as consent_sms,
    '{{ var("home_country") }}' as default_country
from newest
