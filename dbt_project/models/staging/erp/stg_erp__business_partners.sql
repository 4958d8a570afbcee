with newest as (
    {{ newest_version(source('erp', 'business_partners'), ['partner_no'], 'updated_at') }}
)

select
    partner.partner_no as source_id,
    'erp' as source_system,
    'business_partners' as source_object,
    partner.updated_at as source_updated_at,
    case when partner.partner_type = 'PERSON' then 'person' else 'organization' end as party_type,
    case when partner.partner_type = 'PERSON' then partner.name end as full_name,
    case when partner.partner_type = 'PERSON' then parent.name else partner.name end as company_name,
    case
        when partner.partner_type = 'PERSON' then 'erp:business_partners:' || partner.parent_no
    end as organisation_record_key,
    -- A company has one of the two: at home in China the first, in Europe the second.
    coalesce(partner.uscc, partner.vat_number) as company_id,
    partner.email,
    coalesce(partner.mobile, partner.phone) as phone,
    case when partner.mobile is not null then partner.phone end as phone_alt,
    partner.street,
    partner.district,
    partner.city,
    partner.region,
    partner.postal_code as postcode,
    partner.country,
    '{{ var("home_country") }}' as default_country
from newest as partner
left join newest as parent on partner.parent_no = parent.partner_no
