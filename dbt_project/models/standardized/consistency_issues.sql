-- Values that are each right by themselves and cannot both be true. Nothing is changed: which one is wrong, a person decides.
with divisions as (
    select distinct
        {{ short_place_name('province') }} as region,
        {{ short_place_name('city') }} as city,
        district
    from {{ ref('chinese_divisions') }}
),

regions as (select distinct region from divisions),

cities as (
    select distinct
        region,
        city
    from divisions
    where city is not null
),

districts as (
    select distinct
        city,
        district
    from divisions
    where district is not null
),

provinces as (
    select left(code, 2) as province_code, {{ short_place_name('province') }} as region
    from {{ ref('chinese_divisions') }}
    where level = 'province' and valid_until is null
),

record as (
    select
        values_of.*,
        id_province.region as id_region,
        company_province.region as company_id_region
    from {{ ref('standardized_values') }} as values_of
    left join provinces as id_province on left(values_of.national_id_division, 2) = id_province.province_code
    left join provinces as company_province on left(values_of.company_id_division, 2) = company_province.province_code
),

issue as (
    {%- for check, attributes, value, other_value, condition in consistency_checks() %}
    select
        record_key,
        source_system,
        source_object,
        '{{ check }}' as check_name,
        '{{ attributes[0] }}' as attribute,
        '{{ attributes[1] }}' as other_attribute,
        cast({{ value }} as varchar) as value,
        cast({{ other_value }} as varchar) as other_value
    from record
    where {{ condition }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from issue
