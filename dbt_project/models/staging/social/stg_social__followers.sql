with newest as (
    {{ newest_version(source('social', 'followers'), ['openid'], 'updated_at') }}
)

-- The nickname is no name, so it is an attribute (stg_social__follower_attributes). Who bound a member number in one
-- account is that member in the other one as well: the platform vouches for the unionid.
select
    openid as source_id,
    'social' as source_system,
    'followers' as source_object,
    updated_at as source_updated_at,
    'person' as party_type,
    gender,
    phone,
    city,
    province as region,
    country,
    coalesce(member_no, max(member_no) over (partition by unionid)) as external_id,
    '{{ var("home_country") }}' as default_country
from newest
