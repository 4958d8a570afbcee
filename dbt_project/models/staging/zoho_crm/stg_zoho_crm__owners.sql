with newest as (
    {{ newest_version(source('zoho_crm', 'owners'), ['Record Id'], 'Modified Time') }}
)

select
    'zoho_crm' as source_system,
    {{ titled('Record Id') }} as source_id,
    {{ titled('Full Name') }} as owner_name,
    {{ titled('Email') }} as owner_email,
    {{ titled('Role') }} as role,
    coalesce(lower({{ titled('Status') }}) = 'active', false) as is_active
from newest
