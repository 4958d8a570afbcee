with organisation_tie as (
    select
        golden_id,
        organisation_golden_id as related_golden_id,
        max(case when evidence = 'source_link' then 1 else 0 end) as by_source_link,
        max(case when evidence = 'company_id' then 1 else 0 end) as by_company_id,
        max(case when evidence = 'company_name' then 1 else 0 end) as by_company_name,
        max(case when evidence = 'mail_domain' then 1 else 0 end) as by_mail_domain,
        min(source_updated_at) as first_seen,
        max(source_updated_at) as last_seen,
        min(case when evidence = 'source_link' then source_updated_at end) as first_listed,
        max(case when evidence = 'source_link' then source_updated_at end) as last_listed
    from {{ ref('organisation_people') }}
    group by golden_id, organisation_golden_id
),

relationship as (
    select
        golden_id,
        related_golden_id,
        'employee_of' as relationship,
        concat_ws(
            ', ',
            case when by_source_link = 1 then 'source_link' end,
            case when by_company_id = 1 then 'company_id' end,
            case when by_company_name = 1 then 'company_name' end,
            case when by_mail_domain = 1 then 'mail_domain' end
        ) as evidence,
        by_source_link + by_company_id + by_company_name + by_mail_domain as evidence_count,
        first_seen,
        last_seen
    from organisation_tie
    union all
    select
        golden_id,
        related_golden_id,
        'contact_of' as relationship,
        'source_link' as evidence,
        1 as evidence_count,
        first_listed as first_seen,
        last_listed as last_seen
    from organisation_tie
    where by_source_link = 1
    union all
    select
        golden_id,
        related_golden_id,
        'household' as relationship,
        concat_ws(
            ', ',
            case when shares_address then 'address' end,
            case when shares_surname then 'surname' end,
            case when shares_phone then 'phone' end,
            case when shares_mailbox then 'mailbox' end
        ) as evidence,
        cast(shares_address as integer) + cast(shares_surname as integer) + cast(shares_phone as integer)
        + cast(shares_mailbox as integer) as evidence_count,
        first_seen,
        last_seen
    from {{ ref('household_pairs') }}
)

select
    relationship.golden_id,
    relationship.related_golden_id,
    relationship.relationship,
    as_of.as_of,
    relationship.evidence,
    cast(relationship.evidence_count as bigint) as evidence_count,
    -- Whom a source lists as a contact is one, whatever else is known.
    case
        when relationship.evidence_count > 1 or relationship.relationship = 'contact_of' then 'strong' else 'weak'
    end as strength,
    relationship.first_seen,
    relationship.last_seen
from relationship
cross join {{ ref('as_of') }} as as_of
order by relationship.golden_id, relationship.related_golden_id, relationship.relationship
