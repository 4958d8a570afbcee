-- Whatever was sent is a touch; the control group has none, because nothing was sent to it. A message by mail is
-- reported by the mail tool as well, in its own events.
select
    targets.target_id as source_id,
    'campaigns' as source_system,
    'targets' as source_object,
    targets.customer_record_key,
    campaigns.channel,
    'campaign_message' as interaction_type,
    'outbound' as direction,
    targets.sent_at as occurred_at,
    campaigns.campaign_name as subject,
    'campaigns:campaigns:' || targets.campaign_id as campaign_key
from {{ ref('stg_campaigns__targets') }} as targets
left join {{ ref('stg_campaigns__campaigns') }} as campaigns on targets.campaign_id = campaigns.source_id
where targets.sent_at is not null
