with rfm as (
    select * from {{ ref('customer_rfm') }}
),

segment as (
    select
        golden_id,
        as_of,
        'rfm' as scheme,
        segment,
        segment_zh,
        as_of as valid_from,
        cast(null as date) as valid_to
    from rfm
    union all
    select
        golden_id,
        as_of,
        'rfm_8type' as scheme,
        rfm_8type_segment as segment,
        rfm_8type_segment_zh as segment_zh,
        as_of as valid_from,
        cast(null as date) as valid_to
    from rfm
    union all
    select
        golden_id,
        as_of,
        'value_tier' as scheme,
        value_tier as segment,
        value_tier_zh as segment_zh,
        as_of as valid_from,
        cast(null as date) as valid_to
    from {{ ref('customer_value_tier') }}
    union all
    select
        golden_id,
        as_of,
        'loyalty' as scheme,
        loyalty as segment,
        loyalty_zh as segment_zh,
        as_of as valid_from,
        cast(null as date) as valid_to
    from {{ ref('customer_loyalty') }}
    union all
    select
        golden_id,
        as_of,
        lifecycle as scheme,
        stage as segment,
        stage_zh as segment_zh,
        valid_from,
        valid_to
    from {{ ref('customer_lifecycle_history') }}
)

select
    golden_id,
    as_of,
    scheme,
    segment,
    segment_zh,
    valid_from,
    valid_to
from segment
order by golden_id, scheme, valid_from
