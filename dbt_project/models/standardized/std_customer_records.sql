{{ config(
    materialized='incremental', unique_key='record_key', on_schema_change='append_new_columns',
    post_hook="{{ forget_earlier_standards() }}"
) }}

select
    record_key,
    source_system,
    source_object,
    source_id,
    source_updated_at,
    party_type,
    {%- for column in standard_columns() %}
    {{ column }},
    {%- endfor %}
    consent_email,
    consent_sms,
    consent_phone,
    record_hash,
    standardized_at
from {{ ref('standardized_values') }}
where {{ is_standardized_since() }}
