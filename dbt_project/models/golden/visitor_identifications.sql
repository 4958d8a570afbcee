with touch as (
    select
        interaction_key,
        anonymous_id,
        session_id,
        occurred_at,
        customer_record_key,
        campaign_key
    from {{ ref('std_interactions') }}
    where anonymous_id is not null and channel in {{ text_list(var('visitor_channels')) }}
),

-- The first touch of every visit, where it came from a campaign.
first_touch as (
    select *
    from touch
    where session_id is not null
    qualify row_number() over (partition by anonymous_id, session_id order by occurred_at, interaction_key) = 1
),

landing as (
    select
        *,
        {{ epoch_seconds('occurred_at') }} as seconds
    from first_touch
    where campaign_key is not null
),

click as (
    select
        interaction_key,
        customer_record_key,
        campaign_key,
        {{ epoch_seconds('occurred_at') }} as seconds
    from {{ ref('std_interactions') }}
    where
        interaction_type in {{ text_list(var('visitor_click_types')) }}
        and campaign_key is not null
        and customer_record_key is not null
),

-- Time in spans as long as the time allowed: a click is compared with the visits of its own span and of the two beside
-- it, never with all visits of its campaign.
neighbour as (
    select -1 as step
    union all
    select 0 as step
    union all
    select 1 as step
),

click_near_span as (
    select
        click.*,
        cast(floor(click.seconds / {{ 60 * var('visitor_click_minutes') }}) as bigint) + neighbour.step as span
    from click
    cross join neighbour
),

near as (
    select
        landing.interaction_key,
        landing.anonymous_id,
        landing.session_id,
        landing.occurred_at,
        click_near_span.interaction_key as click_key,
        click_near_span.customer_record_key,
        coalesce(xref.golden_id, click_near_span.customer_record_key) as visitor,
        abs(landing.seconds - click_near_span.seconds) as seconds_apart
    from landing
    inner join click_near_span
        on
            landing.campaign_key = click_near_span.campaign_key
            and cast(floor(landing.seconds / {{ 60 * var('visitor_click_minutes') }}) as bigint) = click_near_span.span
    left join {{ ref('golden_xref') }} as xref on click_near_span.customer_record_key = xref.record_key
    where abs(landing.seconds - click_near_span.seconds) <= {{ 60 * var('visitor_click_minutes') }}
),

-- A click names the visitor only where there is no choice: no other customer's click and no other device's visit is near.
compared as (
    select
        *,
        min(visitor) over (partition by interaction_key) = max(visitor) over (partition by interaction_key) as one_visitor,
        min(anonymous_id) over (partition by click_key) = max(anonymous_id) over (partition by click_key) as one_device
    from near
),

arrival as (
    select *
    from compared
    qualify
        min(one_visitor and one_device) over (partition by interaction_key)
        and row_number() over (partition by interaction_key order by seconds_apart, click_key) = 1
),

identification as (
    select
        interaction_key,
        anonymous_id,
        session_id,
        occurred_at,
        customer_record_key,
        'record' as identified_by
    from touch
    where customer_record_key is not null
    union all
    select
        interaction_key,
        anonymous_id,
        session_id,
        occurred_at,
        customer_record_key,
        'email_click' as identified_by
    from arrival
    where 'email_click' in {{ text_list(var('visitor_ways')) }}
)

select
    identification.interaction_key,
    identification.identified_by,
    identification.anonymous_id,
    identification.session_id,
    identification.occurred_at,
    identification.customer_record_key,
    xref.golden_id,
    coalesce(xref.golden_id, identification.customer_record_key) as visitor
from identification
left join {{ ref('golden_xref') }} as xref on identification.customer_record_key = xref.record_key
order by identification.interaction_key, identification.identified_by
