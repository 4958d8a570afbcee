with newest as (
    {{ newest_version(source('self_service', 'profiles'), ['profile_id'], 'submitted_at') }}
),

preference as (
    {{ json_values('newest', ['profile_id', 'submitted_at'], 'preferences') }}
),

attributes as (
    select
        profile_id,
        submitted_at,
        'preferred_language' as attribute,
        language as value
    from newest
    union all
    -- Names that other sources use as well; whatever else the form asks becomes a preference under its own name.
    select
        profile_id,
        submitted_at,
        case coalesce(path, '')
            when '' then 'preference'
            when 'topics' then 'interest'
            when 'contact.channel' then 'preferred_contact_channel'
            else 'preference_' || replace(path, '.', '_')
        end as attribute,
        value
    from preference
)

select
    profile_id as source_id,
    'self_service' as source_system,
    'profiles' as source_object,
    submitted_at as source_updated_at,
    attribute,
    value,
    'declared' as trust
from attributes
where value is not null
