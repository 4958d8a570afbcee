{# The cross-field checks: name, the two attributes, the two values, and the condition under which they contradict each
   other. Conditions read the columns of standardized_values and of the CTEs in consistency_issues. #}
{% macro consistency_checks() %}
    {{ return([
        ('birth_date_differs_from_id', ['birth_date', 'national_id'], 'birth_date', 'national_id_birth_date',
            'birth_date != national_id_birth_date'),
        ('gender_differs_from_id', ['gender', 'national_id'], 'gender', 'national_id_gender',
            'gender != national_id_gender'),
        ('gender_differs_from_title', ['gender', 'full_name'], 'gender', 'name_title', 'gender != title_gender'),
        ('born_after_record', ['birth_date', 'source_updated_at'], 'raw_birth_date', 'source_updated_at',
            'raw_birth_date > cast(source_updated_at as date)'),
        ('city_not_in_region', ['city', 'region'], 'city', 'region',
            'region in (select regions.region from regions)'
            ~ ' and city in (select cities.city from cities)'
            ~ ' and not exists (select 1 from cities where cities.city = record.city and cities.region = record.region)'),
        ('district_not_in_city', ['district', 'city'], 'district', 'city',
            'city in (select cities.city from cities)'
            ~ ' and district in (select districts.district from districts)'
            ~ ' and not exists (select 1 from districts where districts.city = record.city and districts.district = record.district)'),
        ('postcode_format_of_country', ['postcode', 'country'], 'postcode', 'country', 'not is_postcode_valid'),
        ('company_id_not_of_country', ['company_id', 'country'], 'company_id_country', 'country',
            'company_id_country != country'),
        ('company_id_not_of_region', ['company_id', 'region'], 'company_id_region', 'region',
            'company_id_region != region and region in (select regions.region from regions)'),
        ('name_is_a_company', ['full_name', 'company_name'], 'full_name', 'party_type',
            "party_type = 'person' and full_name = company_name"),
    ]) }}
{% endmacro %}
