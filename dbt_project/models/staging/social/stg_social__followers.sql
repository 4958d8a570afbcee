with newest as (
    {{ newest_version(source('social', 'followers'), ['openid'], 'updated_at') }}
),

-- The platform vouches that one unionid is one person: what is bound in one account holds in the other.
bound as (
    select
        *,
        coalesce(phone, max(phone) over (partition by unionid)) as bound_phone,
        coalesce(member_no, max(member_no) over (partition by unionid)) as bound_member_no
    from newest
)

-- Who has bound nothing is as anonymous as a visitor without login: nothing says which customer it is. Its events keep
-- the openid. The nickname is no name, so it is an attribute (stg_social__follower_attributes).
select
    openid as source_id,
    'social' as source_system,
    'followers' as source_object,
    updated_at as source_updated_at,
    'person' as party_type,
    gender,
    bound_phone as phone,
    city,
    province as region,
    country,
    coalesce(bound_member_no, unionid) as external_id,
    -- The platform writes numbers of its own country without country code.
    'CN' as default_country
from bound
where bound_phone is not null or bound_member_no is not null
