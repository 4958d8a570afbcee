-- What a control group shows is worth nothing once a message has reached it: counted, because only the sender can help it.
{{ config(severity='warn') }}

select
    target_id,
    campaign_key,
    sent_at
from {{ ref('stg_campaigns__targets') }}
where target_group = 'control' and sent_at is not null
