with newest as (
    {{ newest_version(source('third_party', 'profiles'), ['vendor_id'], 'as_of') }}
)

select
    vendor_id as source_id,
    'third_party' as source_system,
    'profiles' as source_object,
    cast(as_of as timestamp) as source_updated_at,
    'person' as party_type,
    full_name,
    phone,
    email,
    city,
    occupation,
    industry as industry_code,
    '{{ var("home_country") }}' as default_country
from newest
