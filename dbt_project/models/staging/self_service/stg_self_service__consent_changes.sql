select
    source_id || '@' || purpose || '@' || channel || '@' || cast(given_at as varchar) as source_id,
    'self_service' as source_system,
    'consents' as source_object,
    'self_service:profiles:' || source_id as customer_record_key,
    'self_service' as channel,
    'consent_changed' as interaction_type,
    'inbound' as direction,
    given_at as occurred_at,
    purpose || ' by ' || channel as subject,
    case when is_granted then 'granted' else 'refused' end as outcome
from {{ ref('stg_self_service__consents') }}
