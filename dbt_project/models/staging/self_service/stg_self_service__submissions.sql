-- Every submission is a touch, not only the newest one of a profile.
with submission as (
    {{ newest_version(source('self_service', 'profiles'), ['profile_id', 'submitted_at']) }}
)

select
    profile_id || '@' || cast(submitted_at as varchar) as source_id,
    'self_service' as source_system,
    'submissions' as source_object,
    'self_service:profiles:' || profile_id as customer_record_key,
    'self_service' as channel,
    'profile_submitted' as interaction_type,
    'inbound' as direction,
    submitted_at as occurred_at
from submission
