{%- set columns = {'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar'} -%}
{%- do columns.update(customer_record_columns()) -%}
with unioned as (
    {{ union_staging_models(var('customer_record_models'), columns) }}
),

located as (
    select
        unioned.*,
        countries.country_code,
        -- Numbers are read in the record's own country, in China for names in Han script, else in the source's country.
        coalesce(
            countries.country_code,
            case
                when {{ contains_match("coalesce(unioned.full_name, unioned.family_name, unioned.given_name, unioned.company_name)", "'[一-龥]'") }}
                    then 'CN'
            end,
            unioned.default_country
        ) as reading_country
    from unioned
    left join {{ ref('country_names') }} as countries
        on lower({{ clean_text('unioned.country') }}) = countries.country_name
)

select
    source_system || ':' || source_object || ':' || source_id as record_key,
    *,
    case when party_type = 'person' then {{ value_key(['full_name', 'given_name', 'family_name']) }} end as name_key,
    {{ value_key(['email']) }} as email_key,
    {{ value_key(['phone', 'reading_country']) }} as phone_key,
    {{ value_key(['phone_alt', 'reading_country']) }} as phone_alt_key,
    {{ value_key(['national_id', 'reading_country']) }} as national_id_key,
    {{ value_key(['company_name']) }} as company_name_key,
    {{ value_key(['company_id', 'reading_country']) }} as company_id_key,
    {{ value_key(address_columns()) }} as address_key,
    {{ value_hash(customer_record_columns().keys() | list + ['country_code']) }} as delivered_hash
from located
