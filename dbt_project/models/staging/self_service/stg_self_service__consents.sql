with newest as (
    {{ newest_version(source('self_service', 'consents'), ['profile_id', 'purpose', 'channel', 'given_at']) }}
)

select
    profile_id as source_id,
    'self_service' as source_system,
    'profiles' as source_object,
    purpose,
    channel,
    granted as is_granted,
    given_at,
    wording_version
from newest
