with newest as (
    {{ newest_version(source('fxiaoke', 'owners'), ['员工ID'], '最后修改时间') }}
)

select
    {{ titled('员工ID') }} as source_id,
    'fxiaoke' as source_system,
    'owners' as source_object,
    {{ titled('最后修改时间') }} as source_updated_at,
    {{ titled('姓名') }} as owner_name,
    {{ titled('邮箱') }} as owner_email,
    {{ titled('手机') }} as phone,
    {{ titled('主属部门') }} as department,
    {{ titled('职位') }} as role,
    coalesce({{ titled('状态') }} = '启用', false) as is_active
from newest
