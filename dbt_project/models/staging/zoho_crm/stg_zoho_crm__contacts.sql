with newest as (
    {{ newest_version(source('zoho_crm', 'contacts'), ['Record Id'], 'Modified Time') }}
),

-- A contact names its account by the name alone, which says which one only where no other account has it.
account as (
    select
        company_name,
        min(source_id) as account_id
    from {{ ref('stg_zoho_crm__accounts') }}
    group by company_name
    having count(*) = 1
)

select
    {{ titled('Record Id') }} as source_id,
    'zoho_crm' as source_system,
    'contacts' as source_object,
    {{ titled('Modified Time') }} as source_updated_at,
    'person' as party_type,
    {{ titled('First Name') }} as given_name,
    {{ titled('Last Name') }} as family_name,
    {{ titled('Date of Birth') }} as birth_date,
    {{ titled('Salutation') }} as gender,
    {{ titled('Email') }} as email,
    coalesce({{ titled('Mobile') }}, {{ titled('Phone') }}) as phone,
    case when {{ titled('Mobile') }} is not null then {{ titled('Phone') }} end as phone_alt,
    {{ titled('Mailing Street') }} as street,
    {{ titled('Mailing City') }} as city,
    {{ titled('Mailing State') }} as region,
    {{ titled('Mailing Zip') }} as postcode,
    {{ titled('Mailing Country') }} as country,
    {{ titled('Account Name') }} as company_name,
    'zoho_crm:accounts:' || account.account_id as organisation_record_key,
    {{ titled('Title') }} as occupation,
    {{ titled('Member No') }} as external_id,
    not {{ titled('Email Opt Out') }} as consent_email,
    '{{ var("home_country") }}' as default_country
from newest
left join account on newest.{{ titled('Account Name') }} = account.company_name
