{%- set columns = {
    'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar', 'source_updated_at': 'timestamp',
    'organisation_record_key': 'varchar',
} -%}
with delivered as (
    {{ union_staging_models(var('organisation_contact_models'), columns) }}
)

select
    source_system || ':' || source_object || ':' || source_id as record_key,
    organisation_record_key,
    source_updated_at
from delivered
where organisation_record_key is not null
