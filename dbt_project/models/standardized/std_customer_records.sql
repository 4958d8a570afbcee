-- depends_on: {{ ref('skip_values') }}
with cleaned as (
    select
        records.record_key,
        {{ name_key('records.full_name', 'records.given_name', 'records.family_name') }} as name_key,
        {{ address_key('records.') }} as address_key,
        {{ phone_key('records.phone', phone_country()) }} as phone_key,
        {{ phone_key('records.phone_alt', phone_country()) }} as phone_alt_key,
        lower({{ clean_text('records.gender') }}) as gender,
        lower({{ replace_all(half_width('records.email'), "'\\s+'", "''") }}) as email,
        upper({{ replace_all(half_width('records.national_id'), "'[\\s.-]+'", "''") }}) as national_id,
        {{ clean_text('records.company_name') }} as company_name,
        upper({{ replace_all(half_width('records.company_id'), "'[\\s.-]+'", "''") }}) as company_id,
        {{ clean_text('records.occupation') }} as occupation,
        {{ clean_text('records.industry_code') }} as industry_code,
        upper({{ clean_text('records.external_id') }}) as external_id
    from {{ ref('delivered_customer_records') }} as records
    left join {{ ref('country_names') }} as countries
        on lower({{ clean_text('records.country') }}) = countries.country_name
),

-- A placeholder is no value: it must neither link two records nor survive into the golden customer.
standard as (
    select
        delivered.record_key,
        delivered.source_system,
        delivered.source_object,
        delivered.source_id,
        delivered.source_updated_at,
        delivered.party_type,
        {{ null_if_skip_value('names.full_name', 'name') }} as full_name,
        {{ null_if_skip_value('names.given_name', 'name') }} as given_name,
        {{ null_if_skip_value('names.family_name', 'name') }} as family_name,
        case when not {{ is_skip_value('names.full_name', 'name') }} then names.name_pinyin end as name_pinyin,
        case
            when
                not {{ is_skip_value('cast(delivered.birth_date as varchar)', 'birth_date') }}
                and delivered.birth_date <= coalesce(cast(delivered.source_updated_at as date), delivered.birth_date)
                then delivered.birth_date
        end as birth_date,
        genders.standard_value as gender,
        {{ null_if_skip_value('cleaned.email', 'email') }} as email,
        coalesce(phones.phone, alternates.phone) as phone,
        case when phones.phone <> alternates.phone then alternates.phone end as phone_alt,
        {{ null_if_skip_value('cleaned.national_id', 'national_id') }} as national_id,
        addresses.street,
        addresses.house_number,
        addresses.district,
        addresses.city,
        addresses.region,
        addresses.postcode,
        addresses.country,
        addresses.address_full,
        {{ null_if_skip_value('cleaned.company_name', 'company') }} as company_name,
        {{ null_if_skip_value('cleaned.company_id', 'company') }} as company_id,
        {{ null_if_skip_value('cleaned.occupation', 'occupation') }} as occupation,
        {{ null_if_skip_value('cleaned.industry_code', 'industry') }} as industry_code,
        {{ null_if_skip_value('cleaned.external_id', 'external_id') }} as external_id,
        delivered.consent_email,
        delivered.consent_sms,
        delivered.consent_phone
    from {{ ref('delivered_customer_records') }} as delivered
    inner join cleaned on delivered.record_key = cleaned.record_key
    left join {{ ref('parsed_names') }} as names
        on delivered.party_type = 'person' and cleaned.name_key = names.name_key
    left join {{ ref('parsed_phones') }} as phones on cleaned.phone_key = phones.phone_key
    left join {{ ref('parsed_phones') }} as alternates on cleaned.phone_alt_key = alternates.phone_key
    left join {{ ref('parsed_addresses') }} as addresses on cleaned.address_key = addresses.address_key
    left join {{ ref('code_values') }} as genders
        on cleaned.gender = genders.source_value and genders.code_list = 'gender'
)

select
    *,
    {{ value_hash([
        'party_type', 'full_name', 'given_name', 'family_name', 'name_pinyin', 'birth_date', 'gender', 'email', 'phone',
        'phone_alt', 'national_id', 'street', 'house_number', 'district', 'city', 'region', 'postcode', 'country',
        'address_full', 'company_name', 'company_id', 'occupation', 'industry_code', 'external_id',
    ]) }} as record_hash
from standard
