with newest as (
    {{ newest_version(source('social', 'events'), ['event_id'], 'occurred_at') }}
)

select
    newest.event_id as source_id,
    'social' as source_system,
    'events' as source_object,
    case when followers.source_id is not null then 'social:followers:' || newest.openid end as customer_record_key,
    newest.openid as anonymous_id,
    'social' as channel,
    lower(trim(newest.type)) as interaction_type,
    'inbound' as direction,
    newest.occurred_at,
    newest.content as subject,
    'social:followers:' || newest.referred_openid as outcome
from newest
left join {{ ref('stg_social__followers') }} as followers on newest.openid = followers.source_id
