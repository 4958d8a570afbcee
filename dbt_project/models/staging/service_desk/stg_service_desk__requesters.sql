-- The newest ticket of a requester has the newest contact details.
with newest as (
    {{ newest_version(source('service_desk', 'tickets'), ['requester_id'], 'updated_at') }}
)

select
    requester_id as source_id,
    'service_desk' as source_system,
    'requesters' as source_object,
    updated_at as source_updated_at,
    'person' as party_type,
    requester_name as full_name,
    requester_email as email,
    requester_phone as phone,
    requester_company as company_name,
    '{{ var("home_country") }}' as default_country
from newest
