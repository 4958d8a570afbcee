with record as (
    select
        records.record_key,
        records.party_type,
        records.source_updated_at,
        records.company_id,
        nullif(replace({{ replace_all('records.company_core_name', "'^the '", "''") }}, ' ', ''), '') as company_key,
        case when details.email_provider is null then details.email_domain end as mail_domain,
        xref.golden_id
    from {{ ref('std_customer_records') }} as records
    inner join {{ ref('golden_xref') }} as xref on records.record_key = xref.record_key
    left join {{ ref('std_customer_details') }} as details on records.record_key = details.record_key
),

person as (
    select *
    from record
    where party_type = 'person'
),

organisation as (
    select *
    from record
    where party_type = 'organization'
),

-- A name or number that several organisations have says of nobody where he works.
named as (
    select
        company_key,
        min(golden_id) as golden_id
    from organisation
    where company_key is not null
    group by company_key
    having count(distinct golden_id) = 1
),

registered as (
    select
        company_id,
        min(golden_id) as golden_id
    from organisation
    where company_id is not null
    group by company_id
    having count(distinct golden_id) = 1
),

stated as (
    select
        person.golden_id,
        organisation.golden_id as organisation_golden_id,
        'source_link' as evidence,
        person.record_key,
        person.source_updated_at
    from {{ ref('std_organisation_contacts') }} as contact
    inner join person on contact.record_key = person.record_key
    inner join organisation on contact.organisation_record_key = organisation.record_key
    union all
    select
        person.golden_id,
        registered.golden_id as organisation_golden_id,
        'company_id' as evidence,
        person.record_key,
        person.source_updated_at
    from person
    inner join registered on person.company_id = registered.company_id
    union all
    select
        person.golden_id,
        named.golden_id as organisation_golden_id,
        'company_name' as evidence,
        person.record_key,
        person.source_updated_at
    from person
    inner join named on person.company_key = named.company_key
),

-- Who uses a mail domain, and of which organisation they are known to be.
domain_user as (
    select distinct
        person.mail_domain,
        person.golden_id,
        stated.organisation_golden_id
    from person
    left join stated on person.golden_id = stated.golden_id
    where person.mail_domain is not null
    union
    select
        mail_domain,
        golden_id,
        golden_id as organisation_golden_id
    from organisation
    where mail_domain is not null
),

work_domain as (
    select
        mail_domain,
        min(organisation_golden_id) as golden_id
    from domain_user
    group by mail_domain
    having
        count(distinct organisation_golden_id) = 1
        and count(distinct case when organisation_golden_id is not null then golden_id end) >= {{ var('work_domain_users') }}
        and count(distinct case when organisation_golden_id is not null then golden_id end)
        >= {{ var('work_domain_share') }} * count(distinct golden_id)
)

select
    golden_id,
    organisation_golden_id,
    evidence,
    record_key,
    source_updated_at
from stated
union all
select
    person.golden_id,
    work_domain.golden_id as organisation_golden_id,
    'mail_domain' as evidence,
    person.record_key,
    person.source_updated_at
from person
inner join work_domain on person.mail_domain = work_domain.mail_domain
order by golden_id, organisation_golden_id, evidence, record_key
