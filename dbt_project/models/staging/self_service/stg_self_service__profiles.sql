with newest as (
    {{ newest_version(source('self_service', 'profiles'), ['profile_id'], 'submitted_at') }}
),

newest_consent as (
    select
        source_id,
        lower(trim(channel)) as channel,
        is_granted
    from {{ ref('stg_self_service__consents') }}
    where lower(trim(purpose)) = 'marketing'
    qualify row_number() over (partition by source_id, lower(trim(channel)) order by given_at desc, is_granted asc) = 1
),

marketing as (
    select
        source_id,
        bool_or(case when channel = 'email' then is_granted end) as consent_email,
        bool_or(case when channel = 'sms' then is_granted end) as consent_sms,
        bool_or(case when channel = 'phone' then is_granted end) as consent_phone
    from newest_consent
    group by source_id
)

select
    newest.profile_id as source_id,
    'self_service' as source_system,
    'profiles' as source_object,
    newest.submitted_at as source_updated_at,
    'person' as party_type,
    newest.name as full_name,
    newest.birth_date,
    newest.gender,
    newest.email,
    newest.phone,
    newest.street,
    newest.district,
    newest.city,
    newest.region,
    newest.postcode,
    newest.country,
    marketing.consent_email,
    marketing.consent_sms,
    marketing.consent_phone,
    '{{ var("home_country") }}' as default_country
from newest
left join marketing on newest.profile_id = marketing.source_id
