with newest as (
    {{ newest_version(source('third_party', 'profiles'), ['vendor_id'], 'as_of') }}
),

attributes as (
    select
        vendor_id,
        as_of,
        'income_band' as attribute,
        income_band as value
    from newest
    union all
    select
        vendor_id,
        as_of,
        'interest' as attribute,
        {{ each_part('interests', ';') }} as value
    from newest
    where interests is not null
)

select
    vendor_id as source_id,
    'third_party' as source_system,
    'profiles' as source_object,
    cast(as_of as timestamp) as source_updated_at,
    attribute,
    value,
    'bought' as trust
from attributes
where value is not null
