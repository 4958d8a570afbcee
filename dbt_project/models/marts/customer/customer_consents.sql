with stated as (
    select
        xref.golden_id,
        as_of.as_of,
        consents.purpose,
        consents.channel,
        consents.is_granted,
        consents.given_at,
        consents.wording_version,
        consents.source_system,
        consents.record_key
    from {{ ref('std_consents') }} as consents
    inner join {{ ref('golden_xref') }} as xref on consents.record_key = xref.record_key
    cross join {{ ref('as_of') }} as as_of
    where cast(consents.given_at as date) <= as_of.as_of
)

select
    golden_id,
    as_of,
    purpose,
    channel,
    is_granted,
    given_at,
    wording_version,
    count(*) over (partition by golden_id, purpose, channel) as change_count,
    source_system,
    record_key
from stated
qualify row_number() over (
    partition by golden_id, purpose, channel order by given_at desc, is_granted asc, record_key asc
) = 1
order by golden_id, purpose, channel
