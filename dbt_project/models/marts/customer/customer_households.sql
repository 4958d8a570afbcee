with recursive tie as (
    select
        golden_id,
        related_golden_id
    from {{ ref('household_pairs') }}
    union all
    select
        related_golden_id as golden_id,
        golden_id as related_golden_id
    from {{ ref('household_pairs') }}
),

-- Everyone who is reached from one member to the next.
reached as (
    select distinct
        golden_id,
        golden_id as member_golden_id
    from tie
    union
    select
        reached.golden_id,
        tie.related_golden_id as member_golden_id
    from reached
    inner join tie on reached.member_golden_id = tie.golden_id
),

household as (
    select
        golden_id,
        min(member_golden_id) as first_golden_id,
        count(*) as household_size
    from reached
    group by golden_id
    having count(*) <= {{ var('household_max_persons') }}
),

direct as (
    select
        tie.golden_id,
        count(*) as direct_ties
    from tie
    group by tie.golden_id
)

select
    'household:' || household.first_golden_id as household_id,
    household.golden_id,
    as_of.as_of,
    household.household_size,
    direct.direct_ties
from household
inner join direct on household.golden_id = direct.golden_id
cross join {{ ref('as_of') }} as as_of
order by household_id, household.golden_id
