{{ config(
    materialized='incremental', unique_key='record_key', on_schema_change='append_new_columns',
    post_hook="{{ forget_earlier_standards() }}"
) }}

-- Inferred values stand here only: the linker reads std_customer_records, so they can never link two records.
select
    record_key,
    name_title,
    formal_given_name,
    company_legal_form,
    is_branch,
    parent_company_name,
    email_domain,
    email_provider,
    is_role_mailbox,
    is_disposable_mailbox,
    phone_extension,
    phone_type,
    is_phone_virtual,
    unit,
    division_code,
    is_postcode_valid,
    national_id_type,
    is_national_id_valid,
    national_id_birth_date,
    national_id_gender,
    national_id_division,
    company_id_type,
    is_company_id_valid,
    company_id_division,
    company_id_country,
    industry_gbt_4754,
    industry_naics,
    case when birth_date is null then national_id_birth_date end as birth_date_imputed,
    case when birth_date is null and national_id_birth_date is not null then 'national_id' end as birth_date_imputed_method,
    case when gender is null then coalesce(national_id_gender, title_gender) end as gender_imputed,
    case
        when gender is not null then null
        when national_id_gender is not null then 'national_id'
        when title_gender is not null then 'title'
    end as gender_imputed_method,
    case when city is null then city_imputed end as city_imputed,
    case when city is null and city_imputed is not null then 'address' end as city_imputed_method,
    case when region is null then region_imputed end as region_imputed,
    case when region is null and region_imputed is not null then 'address' end as region_imputed_method,
    case when country is null then coalesce(country_imputed, reading_country) end as country_imputed,
    case
        when country is not null then null
        when country_imputed is not null then 'address'
        when reading_country is not null then 'script_or_source'
    end as country_imputed_method,
    standardized_at
from {{ ref('standardized_values') }}
where {{ is_standardized_since() }}
