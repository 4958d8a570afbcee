with newest as (
    {{ newest_version(source('fxiaoke', 'leads'), ['唯一性ID'], '最后修改时间') }}
)

select
    {{ titled('唯一性ID') }} as source_id,
    'fxiaoke' as source_system,
    'leads' as source_object,
    {{ titled('最后修改时间') }} as source_updated_at,
    'person' as party_type,
    {{ titled('姓名') }} as full_name,
    {{ titled('邮件') }} as email,
    coalesce({{ titled('手机') }}, {{ titled('电话') }}) as phone,
    case when {{ titled('手机') }} is not null then {{ titled('电话') }} end as phone_alt,
    {{ titled('公司') }} as company_name,
    {{ titled('职务') }} as occupation,
    'CN' as default_country
from newest
