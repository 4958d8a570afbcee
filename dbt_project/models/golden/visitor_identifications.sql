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
        clicked.interaction_key,
        clicked.customer_record_key,
        clicked.campaign_key,
        coalesce(xref.golden_id, clicked.customer_record_key) as visitor,
        {{ epoch_seconds('clicked.occurred_at') }} as seconds
    from {{ ref('std_interactions') }} as clicked
    left join {{ ref('golden_xref') }} as xref on clicked.customer_record_key = xref.record_key
    where
        clicked.interaction_type in {{ text_list(var('visitor_click_types')) }}
        and clicked.campaign_key is not null
        and clicked.customer_record_key is not null
),

event as (
    select
        interaction_key,
        campaign_key,
        seconds,
        visitor,
        cast(null as varchar) as anonymous_id
    from click
    union all
    select
        interaction_key,
        campaign_key,
        seconds,
        cast(null as varchar) as visitor,
        anonymous_id
    from landing
),

-- Whose clicks, and visits of which devices, are near in time: one and the same where the first and last by name are equal.
surrounded as (
    select
        interaction_key,
        min(visitor) over near_in_time as first_visitor,
        max(visitor) over near_in_time as last_visitor,
        min(anonymous_id) over near_in_time as first_device,
        max(anonymous_id) over near_in_time as last_device
    from event
    window near_in_time as (
        partition by campaign_key
        order by seconds
        range between {{ 60 * var('visitor_click_minutes') }} preceding and {{ 60 * var('visitor_click_minutes') }} following
    )
),

-- A click names the visitor only where there is no choice: no other customer's click and no other device's visit is near.
arrival as (
    select
        landing.interaction_key,
        landing.anonymous_id,
        landing.session_id,
        landing.occurred_at,
        click.customer_record_key
    from landing
    inner join surrounded as around_landing on landing.interaction_key = around_landing.interaction_key
    inner join click
        on landing.campaign_key = click.campaign_key and around_landing.first_visitor = click.visitor
    inner join surrounded as around_click on click.interaction_key = around_click.interaction_key
    where
        around_landing.first_visitor = around_landing.last_visitor
        and around_click.first_device = around_click.last_device
        and abs(landing.seconds - click.seconds) <= {{ 60 * var('visitor_click_minutes') }}
    qualify row_number() over (
        partition by landing.interaction_key order by abs(landing.seconds - click.seconds), click.interaction_key
    ) = 1
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
