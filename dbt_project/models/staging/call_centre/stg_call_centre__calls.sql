-- A call about a complaint counts as one, as a ticket of the service desk does; what any call was about stays in subject.
with newest as (
    {{ newest_version(source('call_centre', 'calls'), ['call_id'], 'started_at') }}
)

select
    call_id as source_id,
    'call_centre' as source_system,
    'calls' as source_object,
    'call_centre:callers:' || caller_id as customer_record_key,
    'phone' as channel,
    case when lower(reason) in ('complaint', '投诉') then 'complaint' else 'call' end as interaction_type,
    case direction when 'in' then 'inbound' when 'out' then 'outbound' end as direction,
    started_at as occurred_at,
    reason as subject,
    outcome,
    {{ order_key_of_number('order_reference') }} as related_order_key,
    duration_seconds,
    agent
from newest
