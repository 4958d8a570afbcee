with stated as (
    select
        xref.golden_id,
        attributes.attribute,
        attributes.value,
        attributes.trust,
        attributes.source_system,
        attributes.record_key,
        attributes.source_updated_at,
        case attributes.trust when 'declared' then 1 when 'observed' then 2 else 3 end as trust_rank
    from {{ ref('std_customer_attributes') }} as attributes
    inner join {{ ref('golden_xref') }} as xref on attributes.record_key = xref.record_key
),

-- Of several records of the customer that say the same, the one to be trusted most stands for the value.
best as (
    select
        *,
        count(*) over (partition by golden_id, attribute, value) as record_count
    from stated
    qualify row_number() over (
        partition by golden_id, attribute, value order by trust_rank asc, source_updated_at desc nulls last, record_key asc
    ) = 1
)

select
    best.golden_id,
    as_of.as_of,
    best.attribute,
    best.value,
    row_number() over (
        partition by best.golden_id, best.attribute
        order by best.trust_rank asc, best.source_updated_at desc nulls last, best.record_key asc, best.value asc
    ) as value_rank,
    best.trust,
    best.record_count,
    best.source_system,
    best.record_key,
    best.source_updated_at
from best
cross join {{ ref('as_of') }} as as_of
order by best.golden_id, best.attribute, value_rank
