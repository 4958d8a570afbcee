{%- set columns = {
    'source_system': 'varchar', 'source_id': 'varchar', 'owner_name': 'varchar', 'owner_email': 'varchar',
    'role': 'varchar', 'is_active': 'boolean',
} -%}
with delivered as (
    {{ union_staging_models(var('account_manager_models'), columns) }}
)

select
    source_system || ':' || source_id as account_manager_key,
    source_system,
    source_id,
    {{ clean_text('owner_name') }} as owner_name,
    lower({{ clean_text('owner_email') }}) as owner_email,
    {{ clean_text('role') }} as role,
    is_active
from delivered
