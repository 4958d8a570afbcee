with newest as (
    {{ newest_version(source('zoho_crm', 'activities'), ['Record Id'], 'Modified Time') }}
),

timed as (
    select
        *,
        case {{ titled('Activity Type') }}
            when 'Calls' then {{ titled('Call Start Time') }}
            when 'Meetings' then {{ titled('From') }}
            when 'Tasks' then {{ titled('Closed Time') }}
            else {{ titled('Created Time') }}
        end as occurred_at,
        max({{ titled('Modified Time') }}) over () as known_until
    from newest
)

select
    {{ titled('Record Id') }} as source_id,
    'zoho_crm' as source_system,
    'activities' as source_object,
    case
        when {{ titled('Contact Name.id') }} is not null then 'zoho_crm:contacts:' || {{ titled('Contact Name.id') }}
        when {{ titled('Related To.module') }} in ('Leads', 'Accounts')
            then 'zoho_crm:' || lower({{ titled('Related To.module') }}) || ':' || {{ titled('Related To.id') }}
    end as customer_record_key,
    case {{ titled('Activity Type') }} when 'Calls' then 'phone' else 'crm' end as channel,
    case {{ titled('Activity Type') }}
        when 'Calls' then 'call'
        when 'Meetings' then 'meeting'
        when 'Tasks' then 'task'
        else {{ titled('Activity Type') }}
    end as interaction_type,
    case when {{ titled('Call Type') }} in ('Inbound', 'Missed') then 'inbound' else 'outbound' end as direction,
    occurred_at,
    {{ titled('Subject') }} as subject,
    coalesce({{ titled('Call Result') }}, {{ titled('Status') }}) as outcome,
    case {{ titled('Activity Type') }}
        when 'Calls' then {{ titled('Call Duration (in seconds)') }}
        when 'Meetings' then {{ epoch_seconds(titled('To')) }} - {{ epoch_seconds(titled('From')) }}
    end as duration_seconds,
    'zoho_crm:' || {{ titled('Activity Owner.id') }} as account_manager_key
from timed
-- A task that is open has no time, and what lies after the newest change that the export knows of is a plan: neither is
-- a touch yet. Both stay in raw.
where occurred_at <= known_until
