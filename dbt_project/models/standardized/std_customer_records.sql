{{ config(materialized='view') }}

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
    record_hash
from {{ ref('standardized_values') }}
