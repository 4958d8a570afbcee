{# The columns in which a staging model delivers customer records, with their types. A staging model delivers those it
   knows, under these names; the rest is NULL. default_country is the country in which the source's phone numbers are
   read where a record names none. Values are as the source has them: standardized models clean them. #}
{% macro customer_record_columns() %}
    {{ return({
        'source_updated_at': 'timestamp', 'party_type': 'varchar', 'full_name': 'varchar', 'given_name': 'varchar',
        'family_name': 'varchar', 'birth_date': 'date', 'gender': 'varchar', 'email': 'varchar', 'phone': 'varchar',
        'phone_alt': 'varchar', 'national_id': 'varchar', 'street': 'varchar', 'house_number': 'varchar',
        'district': 'varchar', 'city': 'varchar', 'region': 'varchar', 'postcode': 'varchar', 'country': 'varchar',
        'address_full': 'varchar', 'company_name': 'varchar', 'company_id': 'varchar', 'occupation': 'varchar',
        'industry_code': 'varchar', 'external_id': 'varchar', 'consent_email': 'boolean', 'consent_sms': 'boolean',
        'consent_phone': 'boolean', 'default_country': 'varchar',
    }) }}
{% endmacro %}

{# All staging models of the list, one below the other, in the wanted columns: what a model lacks is NULL of the right type. #}
{% macro union_staging_models(models, columns) %}
    {%- for model in models %}
        {%- set relation = ref(model) %}
        {%- set present = [] %}
        {%- if execute %}
            {%- for column in adapter.get_columns_in_relation(relation) %}{% do present.append(column.name | lower) %}{% endfor %}
        {%- endif %}
        select
            {%- for column, type in columns.items() %}
            {% if column in present %}cast({{ column }} as {{ type }}){% else %}cast(null as {{ type }}){% endif %} as {{ column }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ relation }}
        {%- if not loop.last %}
        union all
        {%- endif %}
    {%- endfor %}
{% endmacro %}
