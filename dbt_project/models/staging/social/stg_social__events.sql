with newest as (
    {{ newest_version(source('social', 'events'), ['event_id'], 'occurred_at') }}
)

select
    event_id as source_id,
    'social' as source_system,
    'events' as source_object,
    'social:followers:' || openid as customer_record_key,
    'social' as channel,
    lower(trim(type)) as interaction_type,
    'inbound' as direction,
    occurred_at,
    content as subject,
    'social:followers:' || referred_openid as outcome
from newest
