{%- set window = var('visitor_window_days') -%}
{%- set exclusive = var('visitor_exclusive_days') -%}
with identification as (
    select * from {{ ref('visitor_identifications') }}
),

anonymous_touch as (
    select
        interaction_key,
        anonymous_id,
        session_id,
        occurred_at,
        {{ epoch_seconds('occurred_at') }} as seconds
    from {{ ref('std_interactions') }}
    where
        anonymous_id is not null
        and customer_record_key is null
        and channel in {{ text_list(var('visitor_channels')) }}
),

-- Visits in which somebody was identified. What happened in one whose visitors are two stays anonymous.
visit as (
    select
        anonymous_id,
        session_id,
        count(distinct visitor) as visitors
    from identification
    where session_id is not null
    group by anonymous_id, session_id
),

within_visit as (
    select
        touch.interaction_key,
        identification.customer_record_key,
        identification.golden_id,
        case identification.identified_by when 'record' then 'login_in_session' else 'email_click' end as identified_by
    from anonymous_touch as touch
    inner join visit
        on touch.anonymous_id = visit.anonymous_id and touch.session_id = visit.session_id and visit.visitors = 1
    inner join identification
        on touch.anonymous_id = identification.anonymous_id and touch.session_id = identification.session_id
    where
        abs({{ epoch_seconds('identification.occurred_at') }} - touch.seconds)
        <= {{ 3600 * var('visitor_session_hours') }}
    -- A log-in says more than a click; of equal ones the nearest.
    qualify row_number() over (
        partition by touch.interaction_key
        order by
            identification.identified_by desc,
            abs({{ epoch_seconds('identification.occurred_at') }} - touch.seconds),
            identification.interaction_key
    ) = 1
),

-- The identifications on a device in their order.
numbered as (
    select
        *,
        {{ epoch_seconds('occurred_at') }} as seconds,
        row_number() over (
            partition by anonymous_id order by occurred_at, interaction_key, identified_by
        ) as number_on_device
    from identification
),

neighboured as (
    select
        *,
        min(seconds) over (partition by anonymous_id, visitor) as first_seconds,
        max(seconds) over (partition by anonymous_id, visitor) as last_seconds,
        lag(visitor) over (partition by anonymous_id order by number_on_device) as visitor_before,
        lag(seconds) over (partition by anonymous_id order by number_on_device) as seconds_before,
        lead(visitor) over (partition by anonymous_id order by number_on_device) as visitor_after,
        lead(seconds) over (partition by anonymous_id order by number_on_device) as seconds_after
    from numbered
),

-- With the last identification before, and the first one after, of somebody else.
device as (
    select
        *,
        max(case when visitor_before != visitor then seconds_before end) over (
            partition by anonymous_id order by number_on_device rows between unbounded preceding and current row
        ) as other_before,
        min(case when visitor_after != visitor then seconds_after end) over (
            partition by anonymous_id order by number_on_device rows between current row and unbounded following
        ) as other_after
    from neighboured
),

-- Touches of visits in which nobody was identified, each with the number of the last identification before it.
placed as (
    select
        anonymous_id,
        seconds,
        interaction_key,
        0 as is_identification
    from anonymous_touch
    where not exists (
        select 1
        from visit
        where visit.anonymous_id = anonymous_touch.anonymous_id and visit.session_id = anonymous_touch.session_id
    )
    union all
    select
        anonymous_id,
        seconds,
        cast(null as varchar) as interaction_key,
        1 as is_identification
    from device
),

counted as (
    select
        *,
        sum(is_identification) over (
            partition by anonymous_id
            order by seconds asc, is_identification desc
            rows between unbounded preceding and current row
        ) as number_before
    from placed
),

-- The nearer one of the identifications before and after is the candidate.
candidate as (
    select
        touch.interaction_key,
        touch.seconds,
        coalesce(earlier.seconds >= 2 * touch.seconds - later.seconds, later.seconds is null) as is_before,
        earlier.visitor as visitor_before,
        earlier.seconds as seconds_before,
        earlier.other_before,
        later.visitor as visitor_after,
        later.seconds as seconds_after,
        later.other_after,
        earlier.customer_record_key as record_before,
        earlier.golden_id as golden_id_before,
        earlier.first_seconds as first_before,
        earlier.last_seconds as last_before,
        later.customer_record_key as record_after,
        later.golden_id as golden_id_after,
        later.first_seconds as first_after,
        later.last_seconds as last_after
    from counted as touch
    left join device as earlier
        on touch.anonymous_id = earlier.anonymous_id and touch.number_before = earlier.number_on_device
    left join device as later
        on touch.anonymous_id = later.anonymous_id and touch.number_before + 1 = later.number_on_device
    where touch.is_identification = 0
),

nearest as (
    select
        interaction_key,
        seconds,
        case when is_before then record_before else record_after end as customer_record_key,
        case when is_before then golden_id_before else golden_id_after end as golden_id,
        case when is_before then seconds_before else seconds_after end as identified_at,
        case when is_before then first_before else first_after end as first_at,
        case when is_before then last_before else last_after end as last_at,
        case
            when is_before or visitor_before = visitor_after then other_before
            else seconds_before
        end as other_before,
        case
            when not is_before or visitor_before = visitor_after then other_after
            else seconds_after
        end as other_after
    from candidate
),

on_device as (
    select
        interaction_key,
        customer_record_key,
        golden_id,
        'device_window' as identified_by
    from nearest
    where
        abs(identified_at - seconds) <= {{ 86400 * exclusive }}
        and seconds >= first_at - {{ 86400 * window }}
        and seconds <= last_at + {{ 86400 * window }}
        and coalesce(seconds - other_before > {{ 86400 * exclusive }}, true)
        and coalesce(other_after - seconds > {{ 86400 * exclusive }}, true)
),

attributed as (
    select
        interaction_key,
        golden_id,
        customer_record_key,
        identified_by
    from within_visit
    union all
    select
        interaction_key,
        golden_id,
        customer_record_key,
        identified_by
    from on_device
)

select
    interaction_key,
    golden_id,
    customer_record_key,
    identified_by
from attributed
-- Whose record was not delivered has no golden ID, here as everywhere.
where golden_id is not null and identified_by in {{ text_list(var('visitor_ways')) }}
order by interaction_key
