with newest as (
    {{ newest_version(source('pos', 'members'), ['会员号'], '更新时间') }}
)

select
    {{ titled('会员号') }} as source_id,
    'pos' as source_system,
    'members' as source_object,
    {{ titled('更新时间') }} as source_updated_at,
    'person' as party_type,
    {{ titled('姓名') }} as full_name,
    {{ titled('生日') }} as birth_date,
    {{ titled('性别') }} as gender,
    {{ titled('邮箱') }} as email,
    coalesce({{ titled('手机号') }}, {{ titled('固定电话') }}) as phone,
    case when {{ titled('手机号') }} is not null then {{ titled('固定电话') }} end as phone_alt,
    {{ titled('证件号码') }} as national_id,
    {{ titled('详细地址') }} as street,
    {{ titled('区') }} as district,
    {{ titled('市') }} as city,
    {{ titled('省') }} as region,
    {{ titled('邮编') }} as postcode,
    {{ titled('国家') }} as country,
    {{ titled('职业') }} as occupation,
    {{ titled('会员号') }} as external_id,
    {{ titled('同意短信') }} as consent_sms,
    '{{ var("home_country") }}' as default_country
from newest
