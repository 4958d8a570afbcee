-- The customer is whoever was logged in when the page was viewed. What the same device saw before the log-in stays
-- anonymous here: several people can share a device, so joining the two is a decision of its own.
with newest as (
    {{ newest_version(source('web_analytics', 'page_views'), ['event_id'], 'occurred_at') }}
)

select
    event_id as source_id,
    'web_analytics' as source_system,
    'page_views' as source_object,
    case when user_id is not null then 'web_shop:customers:' || user_id end as customer_record_key,
    'web' as channel,
    'page_view' as interaction_type,
    'inbound' as direction,
    occurred_at,
    path as subject,
    anonymous_id,
    session_id,
    dwell_seconds as duration_seconds,
    case when campaign is not null then 'campaigns:campaigns:' || campaign end as campaign_key,
    url,
    page_type,
    referrer,
    device_type
from newest
