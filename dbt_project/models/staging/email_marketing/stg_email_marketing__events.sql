-- A recipient is known by the CRM's contact; without one, by a customer record of the mail tool's own.
with newest as (
    {{ newest_version(source('email_marketing', 'events'), ['event_id'], 'occurred_at') }}
)

select
    event_id as source_id,
    'email_marketing' as source_system,
    'events' as source_object,
    case
        when contact_id is not null then 'zoho_crm:contacts:' || contact_id
        else 'email_marketing:recipients:' || recipient_id
    end as customer_record_key,
    'email' as channel,
    'email_' || type as interaction_type,
    case
        when type in ('opened', 'clicked', 'replied', 'unsubscribed') then 'inbound'
        else 'outbound'
    end as direction,
    occurred_at,
    link as subject,
    bounce_reason as outcome,
    case when campaign_id is not null then 'campaigns:campaigns:' || campaign_id end as campaign_key,
    message_id,
    recipient_id,
    contact_id,
    recipient,
    type as event_type
from newest
