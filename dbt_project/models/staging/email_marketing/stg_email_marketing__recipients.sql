-- A recipient is a customer record of its own where no contact stands for it, and where it unsubscribed: the CRM does
-- not know of the refusal, and it must reach the customer whose address this is.
with recipient as (
    select
        recipient_id,
        max(occurred_at) as last_event_at,
        max(case when event_type = 'unsubscribed' then occurred_at end) as unsubscribed_at
    from {{ ref('stg_email_marketing__events') }}
    group by recipient_id
    having
        count(*) > count(contact_id)
        or count(case when event_type = 'unsubscribed' then 1 end) > 0
),

-- The newest event has the address that holds.
newest as (
    select
        recipient_id,
        recipient
    from {{ ref('stg_email_marketing__events') }}
    qualify row_number() over (
        partition by recipient_id order by recipient is null, occurred_at desc, source_id desc
    ) = 1
)

select
    recipient.recipient_id as source_id,
    'email_marketing' as source_system,
    'recipients' as source_object,
    recipient.last_event_at as source_updated_at,
    'person' as party_type,
    newest.recipient as email,
    case when recipient.unsubscribed_at is not null then false end as consent_email
from recipient
inner join newest on recipient.recipient_id = newest.recipient_id
