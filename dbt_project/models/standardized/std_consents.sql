{%- set columns = {
    'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar', 'purpose': 'varchar',
    'channel': 'varchar', 'is_granted': 'boolean', 'given_at': 'timestamp', 'wording_version': 'varchar',
} -%}
with delivered as (
    {{ union_staging_models(var('consent_models'), columns) }}
),

-- Of contradictory changes at one moment the refusal holds.
change as (
    select
        source_system || ':' || source_object || ':' || source_id as record_key,
        source_system,
        source_object,
        source_id,
        lower({{ clean_text('purpose') }}) as purpose,
        lower({{ clean_text('channel') }}) as channel,
        is_granted,
        given_at,
        {{ clean_text('wording_version') }} as wording_version
    from delivered
    qualify row_number() over (
        partition by
            source_system,
            source_object,
            source_id,
            lower({{ clean_text('purpose') }}),
            lower({{ clean_text('channel') }}),
            given_at
        order by is_granted asc, wording_version desc nulls last
    ) = 1
),

lasting as (
    select
        *,
        lead(given_at) over (partition by record_key, purpose, channel order by given_at) as valid_to
    from change
)

select
    record_key,
    source_system,
    source_object,
    source_id,
    purpose,
    channel,
    is_granted,
    given_at,
    valid_to,
    valid_to is null as is_current,
    wording_version
from lasting
