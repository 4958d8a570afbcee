with newest as (
    {{ newest_version(source('fxiaoke', 'accounts'), ['唯一性ID'], '最后修改时间') }}
)

select
    {{ titled('唯一性ID') }} as source_id,
    'fxiaoke' as source_system,
    'accounts' as source_object,
    {{ titled('最后修改时间') }} as source_updated_at,
    'organization' as party_type,
    {{ titled('客户名称') }} as company_name,
    {{ titled('统一社会信用代码') }} as company_id,
    {{ titled('一级行业') }} as industry_code,
    {{ titled('电话') }} as phone,
    {{ titled('详细地址') }} as street,
    {{ titled('区') }} as district,
    {{ titled('市') }} as city,
    {{ titled('省') }} as region,
    {{ titled('国家') }} as country,
    'CN' as default_country
from newest
