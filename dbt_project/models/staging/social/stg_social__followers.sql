with newest as (
    {{ newest_version(source('social', 'followers'), ['openid'], 'updated_at') }}
)

-- The nickname is no name, so it is an attribute (stg_social__follower_attributes). The platform vouches that one unionid
-- is one person: what is bound in one account holds in the other, and followers who bound nothing share the unionid.
select
    openid as source_id,
    'social' as source_system,
    'followers' as source_object,
    updated_at as source_updated_at,
    'person' as party_type,
    gender,
    coalesce(phone, max(phone) over (partition by unionid)) as phone,
    city,
    province as region,
    country,
    coalesce(member_no, max(member_no) over (partition by unionid), unionid) as external_id,
    -- The platform writes numbers of its own country without country code.
    'CN' as default_country
from newest
