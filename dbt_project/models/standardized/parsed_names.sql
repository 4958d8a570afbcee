{{ config(materialized='incremental', unique_key='name_key', on_schema_change='fail') }}

-- Parsing is costly and names repeat: every distinct name is parsed once, and only new ones on the next run.
with delivered as (
    select distinct
        {{ name_key('full_name', 'given_name', 'family_name') }} as name_key,
        full_name,
        given_name,
        family_name
    from {{ ref('delivered_customer_records') }}
    where party_type = 'person' and coalesce(full_name, given_name, family_name) is not null
),

new_names as (
    select * from delivered
    {% if is_incremental() %}
    where name_key not in (select known.name_key from {{ this }} as known)
    {% endif %}
),

parsed as (
    select
        name_key,
        parse_person_name(full_name, given_name, family_name) as parts
    from new_names
)

-- noqa: disable=RF03,AL09
select
    name_key,
    parts.full_name as full_name,
    parts.given_name as given_name,
    parts.family_name as family_name,
    parts.name_pinyin as name_pinyin
from parsed
