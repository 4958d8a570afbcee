-- The newest call of a caller has the details that hold. Numbers are shown as dialled in Shanghai.
with newest as (
    {{ newest_version(source('call_centre', 'calls'), ['caller_id'], 'started_at') }}
)

select
    caller_id as source_id,
    'call_centre' as source_system,
    'callers' as source_object,
    started_at as source_updated_at,
    'person' as party_type,
    caller_name as full_name,
    phone_number as phone,
    'CN' as default_country
from newest
