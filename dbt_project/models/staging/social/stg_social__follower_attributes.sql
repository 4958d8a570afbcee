with newest as (
    {{ newest_version(source('social', 'followers'), ['openid'], 'updated_at') }}
),

attributes as (
    select
        openid,
        updated_at,
        'social_nickname' as attribute,
        nickname as value
    from newest
    union all
    select
        openid,
        updated_at,
        'social_account' as attribute,
        account as value
    from newest
    union all
    select
        openid,
        updated_at,
        'social_followed_since' as attribute,
        cast(cast(followed_at as date) as varchar) as value
    from newest
    where unfollowed_at is null
)

select
    openid as source_id,
    'social' as source_system,
    'followers' as source_object,
    updated_at as source_updated_at,
    attribute,
    value,
    'observed' as trust
from attributes
where value is not null and openid in (select followers.source_id from {{ ref('stg_social__followers') }} as followers)
