-- depends_on: {{ ref('skip_values') }}
with cleaned as (
    select
        delivered.record_key,
        delivered.source_system,
        delivered.source_object,
        delivered.source_id,
        delivered.source_updated_at,
        delivered.party_type,
        delivered.full_name,
        delivered.given_name,
        delivered.family_name,
        delivered.birth_date,
        delivered.phone,
        delivered.phone_alt,
        delivered.consent_email,
        delivered.consent_sms,
        delivered.consent_phone,
        lower({{ clean_text('delivered.gender') }}) as gender,
        lower({{ replace_all(half_width('delivered.email'), "'\\s+'", "''") }}) as email,
        upper({{ replace_all(half_width('delivered.national_id'), "'[\\s.-]+'", "''") }}) as national_id,
        {{ clean_text('delivered.street') }} as street,
        {{ clean_text('delivered.house_number') }} as house_number,
        {{ clean_text('delivered.district') }} as district,
        {{ clean_text('delivered.city') }} as city,
        {{ clean_text('delivered.region') }} as region,
        upper({{ clean_text('delivered.postcode') }}) as postcode,
        {{ clean_text('delivered.address_full') }} as address_full,
        {{ clean_text('delivered.company_name') }} as company_name,
        upper({{ replace_all(half_width('delivered.company_id'), "'[\\s.-]+'", "''") }}) as company_id,
        {{ clean_text('delivered.occupation') }} as occupation,
        {{ clean_text('delivered.industry_code') }} as industry_code,
        upper({{ clean_text('delivered.external_id') }}) as external_id,
        coalesce(
            countries.country_code,
            case
                when {{ matches_whole(clean_text('delivered.country'), "'[A-Za-z]{2}'") }}
                    then upper({{ clean_text('delivered.country') }})
            end
        ) as country,
        countries.country_code as known_country
    from {{ ref('delivered_customer_records') }} as delivered
    left join {{ ref('country_names') }} as countries
        on lower({{ clean_text('delivered.country') }}) = countries.country_name
),

without_placeholders as (
    select
        cleaned.record_key,
        cleaned.source_system,
        cleaned.source_object,
        cleaned.source_id,
        cleaned.source_updated_at,
        cleaned.party_type,
        cleaned.consent_email,
        cleaned.consent_sms,
        cleaned.consent_phone,
        cleaned.country,
        {{ null_if_skip_value('names.full_name', 'name') }} as full_name,
        {{ null_if_skip_value('names.given_name', 'name') }} as given_name,
        {{ null_if_skip_value('names.family_name', 'name') }} as family_name,
        case when not {{ is_skip_value('names.full_name', 'name') }} then names.name_pinyin end as name_pinyin,
        case
            when
                not {{ is_skip_value('cast(cleaned.birth_date as varchar)', 'birth_date') }}
                and cleaned.birth_date <= coalesce(cast(cleaned.source_updated_at as date), cleaned.birth_date)
                then cleaned.birth_date
        end as birth_date,
        genders.standard_value as gender,
        {{ null_if_skip_value('cleaned.email', 'email') }} as email,
        coalesce(phones.phone, alternates.phone) as phone,
        case when phones.phone <> alternates.phone then alternates.phone end as phone_alt,
        {{ null_if_skip_value('cleaned.national_id', 'national_id') }} as national_id,
        {{ null_if_skip_value('cleaned.street', 'address') }} as street,
        {{ null_if_skip_value('cleaned.house_number', 'address') }} as house_number,
        {{ null_if_skip_value('cleaned.district', 'address') }} as district,
        {{ null_if_skip_value('cleaned.city', 'address') }} as city,
        {{ null_if_skip_value('cleaned.region', 'address') }} as region,
        {{ null_if_skip_value('cleaned.postcode', 'address') }} as postcode,
        {{ null_if_skip_value('cleaned.address_full', 'address') }} as address_full,
        {{ null_if_skip_value('cleaned.company_name', 'company') }} as company_name,
        {{ null_if_skip_value('cleaned.company_id', 'company') }} as company_id,
        {{ null_if_skip_value('cleaned.occupation', 'occupation') }} as occupation,
        {{ null_if_skip_value('cleaned.industry_code', 'industry') }} as industry_code,
        {{ null_if_skip_value('cleaned.external_id', 'external_id') }} as external_id
    from cleaned
    left join {{ ref('parsed_names') }} as names
        on
            cleaned.party_type = 'person'
            and {{ name_key('cleaned.full_name', 'cleaned.given_name', 'cleaned.family_name') }} = names.name_key
    left join {{ ref('parsed_phones') }} as phones
        on {{ phone_key('cleaned.phone', 'cleaned.known_country') }} = phones.phone_key
    left join {{ ref('parsed_phones') }} as alternates
        on {{ phone_key('cleaned.phone_alt', 'cleaned.known_country') }} = alternates.phone_key
    left join {{ ref('code_values') }} as genders
        on cleaned.gender = genders.source_value and genders.code_list = 'gender'
),

-- '12 High Street', '12a, High Street', 'Hauptstr. 5', '建国路88号': the number leaves the street.
with_house_number as (
    select
        *,
        coalesce(
            house_number,
            {{ first_match('street', "'([0-9]+(?:[-之][0-9]+)?)(?:号|弄)'", 1) }},
            {{ first_match('street', "'^([0-9]+ ?[A-Za-z]?(?:[-/][0-9]+)?)(?:,|\\s)'", 1) }},
            {{ first_match('street', "'\\s([0-9]+ ?[A-Za-z]?)$'", 1) }}
        ) as number_in_street
    from without_placeholders
),

shaped as (
    select
        record_key,
        source_system,
        source_object,
        source_id,
        source_updated_at,
        party_type,
        full_name,
        given_name,
        family_name,
        name_pinyin,
        birth_date,
        gender,
        email,
        phone,
        phone_alt,
        national_id,
        {{ proper_case(
            "nullif(trim(case when house_number is null and number_in_street is not null and not "
            ~ matches_whole('street', "'.*[一-龥].*'") ~ " then "
            ~ replace_all('street', "'^[0-9]+ ?[A-Za-z]?(-[0-9]+|/[0-9]+)?(,|\\s)+|\\s[0-9]+ ?[A-Za-z]?$'", "''")
            ~ " else street end), '')"
        ) }} as street,
        number_in_street as house_number,
        {{ proper_case('district') }} as district,
        {{ proper_case(short_place_name('city')) }} as city,
        {{ short_place_name('region') }} as region,
        case
            when country = 'GB' and length(replace(postcode, ' ', '')) between 5 and 7
                then
                    left(replace(postcode, ' ', ''), length(replace(postcode, ' ', '')) - 3)
                    || ' ' || right(replace(postcode, ' ', ''), 3)
            else postcode
        end as postcode,
        country,
        address_full as delivered_address,
        company_name,
        company_id,
        occupation,
        industry_code,
        external_id,
        consent_email,
        consent_sms,
        consent_phone
    from with_house_number
),

addressed as (
    select
        *,
        coalesce(
            delivered_address,
            case
                when {{ matches_whole("coalesce(street, city)", "'.*[一-龥].*'") }}
                    then nullif(concat_ws('', region, case when city <> region or region is null then city end, district, street), '')
                else
                    nullif(
                        concat_ws(', ', nullif(concat_ws(' ', house_number, street), ''), district, city, region, postcode), ''
                    )
            end
        ) as address_full
    from shaped
)

select
    cast(record_key as varchar) as record_key,
    cast(source_system as varchar) as source_system,
    cast(source_object as varchar) as source_object,
    cast(source_id as varchar) as source_id,
    cast(source_updated_at as timestamp) as source_updated_at,
    cast(party_type as varchar) as party_type,
    cast(full_name as varchar) as full_name,
    cast(given_name as varchar) as given_name,
    cast(family_name as varchar) as family_name,
    cast(name_pinyin as varchar) as name_pinyin,
    cast(birth_date as date) as birth_date,
    cast(gender as varchar) as gender,
    cast(email as varchar) as email,
    cast(phone as varchar) as phone,
    cast(phone_alt as varchar) as phone_alt,
    cast(national_id as varchar) as national_id,
    cast(street as varchar) as street,
    cast(house_number as varchar) as house_number,
    cast(district as varchar) as district,
    cast(city as varchar) as city,
    cast(region as varchar) as region,
    cast(postcode as varchar) as postcode,
    cast(country as varchar) as country,
    cast(address_full as varchar) as address_full,
    cast(company_name as varchar) as company_name,
    cast(company_id as varchar) as company_id,
    cast(occupation as varchar) as occupation,
    cast(industry_code as varchar) as industry_code,
    cast(external_id as varchar) as external_id,
    cast(consent_email as boolean) as consent_email,
    cast(consent_sms as boolean) as consent_sms,
    cast(consent_phone as boolean) as consent_phone,
    {{ value_hash([
        'party_type', 'full_name', 'given_name', 'family_name', 'name_pinyin', 'birth_date', 'gender', 'email', 'phone',
        'phone_alt', 'national_id', 'street', 'house_number', 'district', 'city', 'region', 'postcode', 'country',
        'address_full', 'company_name', 'company_id', 'occupation', 'industry_code', 'external_id',
    ]) }} as record_hash
from addressed
