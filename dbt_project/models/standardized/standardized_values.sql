-- depends_on: {{ ref('skip_values') }}
{{ config(
    materialized='incremental', unique_key='record_key', on_schema_change='append_new_columns',
    post_hook="{{ forget_undelivered('record_key', ['record_key']) }}"
) }}

-- Where the parsed values of a record meet. Everything that is true of a value by itself was decided in parsed_*; what
-- needs more than one value of the record is decided here. Only records that were delivered otherwise than before, or
-- are read otherwise now, are put together anew.
with delivered as (
    select *
    from {{ ref('delivered_customer_records') }} as delivered -- noqa: AL05
    where {{ is_new_value('delivered_hash', 'record_key') }}
),

gender_codes as (
    select *
    from {{ ref('code_values') }}
    where code_list = 'gender'
),

-- Codes and dates repeat: each is looked at once.
genders as (
    select
        delivered_genders.gender as delivered_gender,
        codes.standard_value as gender
    from (select distinct delivered.gender from delivered) as delivered_genders
    inner join gender_codes as codes on lower({{ clean_text('delivered_genders.gender') }}) = codes.source_value
),

industries as (
    select
        delivered_industries.industry_code as delivered_industry,
        {{ null_if_skip_value(clean_text('delivered_industries.industry_code'), 'industry') }} as industry_code,
        names.industry_code as industry_gbt_4754,
        divisions.naics_2022 as industry_naics
    from (select distinct delivered.industry_code from delivered) as delivered_industries
    left join {{ ref('industry_names') }} as names
        on lower({{ clean_text('delivered_industries.industry_code') }}) = names.industry_name
    left join {{ ref('gbt_4754_industries') }} as divisions on names.industry_code = divisions.code
),

occupations as (
    select
        delivered_occupations.occupation as delivered_occupation,
        {{ null_if_skip_value(clean_text('delivered_occupations.occupation'), 'occupation') }} as occupation
    from (select distinct delivered.occupation from delivered) as delivered_occupations
),

default_dates as (
    select delivered_dates.birth_date as default_date
    from (select distinct delivered.birth_date from delivered) as delivered_dates
    where {{ is_skip_value('cast(delivered_dates.birth_date as varchar)', 'birth_date') }}
),

joined as (
    select
        delivered.record_key,
        delivered.source_system,
        delivered.source_object,
        delivered.source_id,
        delivered.source_updated_at,
        delivered.party_type,
        delivered.consent_email,
        delivered.consent_sms,
        delivered.consent_phone,
        delivered.reading_country,
        delivered.delivered_hash,

        -- as delivered
        {%- for attribute in logged_attributes() %}
        delivered.{{ attribute }} as raw_{{ attribute }},
        {%- endfor %}

        -- as written everywhere
        names.full_name,
        names.given_name,
        names.family_name,
        names.name_pinyin,
        case
            when default_dates.default_date is null and coalesce(delivered.birth_date <= cast(delivered.source_updated_at as date), true)
                then delivered.birth_date
        end as birth_date,
        genders.gender,
        emails.email,
        emails.email_mailbox,
        coalesce(phones.phone, alternates.phone) as phone,
        case
            when alternates.phone != phones.phone then alternates.phone
            when phones.phone is null then alternates.second_phone
            when phones.second_phone != phones.phone then phones.second_phone
            when alternates.second_phone != phones.phone then alternates.second_phone
        end as phone_alt,
        national_ids.national_id,
        addresses.street,
        addresses.house_number,
        addresses.district,
        addresses.city,
        addresses.region,
        addresses.postcode,
        addresses.country,
        addresses.address_full,
        companies.company_name,
        company_ids.company_id,
        occupations.occupation,
        industries.industry_code,
        upper({{ null_if_skip_value(clean_text('delivered.external_id'), 'external_id') }}) as external_id,

        -- what is known beyond
        names.name_title,
        names.name_suffix,
        names.formal_given_name,
        companies.company_core_name,
        companies.company_legal_form,
        companies.is_branch,
        companies.parent_company_name,
        emails.email_domain,
        emails.email_provider,
        emails.is_role_mailbox,
        emails.is_disposable_mailbox,
        case when phones.phone is not null then phones.phone_extension else alternates.phone_extension end as phone_extension,
        case when phones.phone is not null then phones.phone_type else alternates.phone_type end as phone_type,
        case when phones.phone is not null then phones.is_virtual else alternates.is_virtual end as is_phone_virtual,
        national_ids.national_id_type,
        national_ids.is_national_id_valid,
        national_ids.national_id_birth_date,
        national_ids.national_id_gender,
        national_ids.national_id_division,
        company_ids.company_id_type,
        company_ids.is_company_id_valid,
        company_ids.company_id_division,
        company_ids.company_id_country,
        addresses.unit,
        addresses.division_code,
        addresses.is_postcode_valid,
        addresses.city_imputed,
        addresses.region_imputed,
        addresses.country_imputed,
        industries.industry_gbt_4754,
        industries.industry_naics,
        titles.standard_value as title_gender,

        -- why a value changed
        names.rules as name_rules,
        emails.rules as email_rules,
        case
            when phones.phone is null and alternates.phone is not null
                then {{ lists_joined('coalesce(phones.rules, ' ~ list_of('null') ~ ')', "'other_number_in_its_place'") }}
            else phones.rules
        end as phone_rules,
        case
            when alternates.phone != phones.phone or alternates.phone is null and phones.second_phone is null then alternates.rules
            else {{ lists_joined('coalesce(alternates.rules, ' ~ list_of('null') ~ ')', "'other_number_in_its_place'") }}
        end as phone_alt_rules,
        national_ids.rules as national_id_rules,
        companies.rules as company_name_rules,
        company_ids.rules as company_id_rules,
        addresses.rules as address_rules
    from delivered
    left join {{ ref('parsed_names') }} as names on delivered.name_key = names.name_key
    left join {{ ref('parsed_emails') }} as emails on delivered.email_key = emails.email_key
    left join {{ ref('parsed_phones') }} as phones on delivered.phone_key = phones.phone_key
    left join {{ ref('parsed_phones') }} as alternates on delivered.phone_alt_key = alternates.phone_key
    left join {{ ref('parsed_national_ids') }} as national_ids on delivered.national_id_key = national_ids.national_id_key
    left join {{ ref('parsed_company_names') }} as companies on delivered.company_name_key = companies.company_name_key
    left join {{ ref('parsed_company_ids') }} as company_ids on delivered.company_id_key = company_ids.company_id_key
    left join {{ ref('parsed_addresses') }} as addresses on delivered.address_key = addresses.address_key
    left join genders on delivered.gender = genders.delivered_gender
    left join industries on delivered.industry_code = industries.delivered_industry
    left join occupations on delivered.occupation = occupations.delivered_occupation
    left join default_dates on delivered.birth_date = default_dates.default_date
    left join gender_codes as titles on lower(names.name_title) = titles.source_value
)

select
    *,
    {{ value_hash(['party_type'] + standard_columns()) }} as record_hash,
    standardization_version() as standardization_version,
    -- Rows stay as long as nothing about them changes, and so does the time at which they were made.
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp) as standardized_at
from joined
