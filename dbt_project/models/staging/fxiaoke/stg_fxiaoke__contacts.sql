with newest as (
    {{ newest_version(source('fxiaoke', 'contacts'), ['唯一性ID'], '最后修改时间') }}
)

select
    {{ titled('唯一性ID') }} as source_id,
    'fxiaoke' as source_system,
    'contacts' as source_object,
    {{ titled('最后修改时间') }} as source_updated_at,
    'person' as party_type,
    {{ titled('姓名') }} as full_name,
    {{ titled('生日') }} as birth_date,
    {{ titled('性别') }} as gender,
    {{ titled('邮件') }} as email,
    coalesce({{ titled('手机1') }}, {{ titled('电话1') }}) as phone,
    case when {{ titled('手机1') }} is not null then {{ titled('电话1') }} end as phone_alt,
    {{ titled('地址') }} as address_full,
    {{ titled('客户名称') }} as company_name,
    'fxiaoke:accounts:' || {{ titled('客户ID') }} as organisation_record_key,
    {{ titled('职务') }} as occupation,
    'CN' as default_country
from newest
