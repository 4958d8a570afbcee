-- Whoever unsubscribes refuses mails: the CRM's contact where there is one, else the recipient.
select
    case when contact_id is not null then 'zoho_crm' else 'email_marketing' end as source_system,
    case when contact_id is not null then 'contacts' else 'recipients' end as source_object,
    coalesce(contact_id, recipient_id) as source_id,
    'marketing' as purpose,
    'email' as channel,
    false as is_granted,
    occurred_at as given_at
from {{ ref('stg_email_marketing__events') }}
where event_type = 'unsubscribed'
