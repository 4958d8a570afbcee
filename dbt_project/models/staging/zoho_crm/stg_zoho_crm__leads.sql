with newest as (
    {{ newest_version(source('zoho_crm', 'leads'), ['Record Id'], 'Modified Time') }}
)

select
    {{ titled('Record Id') }} as source_id,
    'zoho_crm' as source_system,
    'leads' as source_object,
    {{ titled('Modified Time') }} as source_updated_at,
    'person' as party_type,
    {{ titled('First Name') }} as given_name,
    {{ titled('Last Name') }} as family_name,
    {{ titled('Salutation') }} as gender,
    {{ titled('Email') }} as email,
    coalesce({{ titled('Mobile') }}, {{ titled('Phone') }}) as phone,
    case when {{ titled('Mobile') }} is not null then {{ titled('Phone') }} end as phone_alt,
    {{ titled('Street') }} as street,
    {{ titled('City') }} as city,
    {{ titled('State') }} as region,
    {{ titled('Zip Code') }} as postcode,
    {{ titled('Country') }} as country,
    {{ titled('Company') }} as company_name,
    {{ titled('Title') }} as occupation,
    not {{ titled('Email Opt Out') }} as consent_email,
    'zoho_crm:' || {{ titled('Lead Owner.id') }} as account_manager_key,
    {{ titled('Lead Status') }} as lead_status,
    '{{ var("home_country") }}' as default_country
from newest
