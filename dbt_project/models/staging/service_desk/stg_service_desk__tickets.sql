with newest as (
    {{ newest_version(source('service_desk', 'tickets'), ['ticket_id'], 'updated_at') }}
)

select
    ticket_id as source_id,
    'service_desk' as source_system,
    'tickets' as source_object,
    'service_desk:requesters:' || requester_id as customer_record_key,
    channel,
    category as interaction_type,
    'inbound' as direction,
    created_at as occurred_at,
    subject,
    status as outcome,
    satisfaction,
    {{ order_key_of_number('order_id') }} as related_order_key
from newest
