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

{# The attributes of a customer record whose every change is logged: they are delivered and standardized under one name. #}
{% macro logged_attributes() %}
    {{ return([
        'full_name', 'given_name', 'family_name', 'birth_date', 'gender', 'email', 'phone', 'phone_alt', 'national_id',
        'street', 'house_number', 'district', 'city', 'region', 'postcode', 'country', 'address_full', 'company_name',
        'company_id', 'occupation', 'industry_code', 'external_id',
    ]) }}
{% endmacro %}

{# The columns of std_customer_records that say who a record is, in their order; the record's hash covers them. #}
{% macro standard_columns() %}
    {{ return([
        'full_name', 'given_name', 'family_name', 'name_suffix', 'name_pinyin', 'birth_date', 'gender', 'email',
        'email_mailbox', 'phone', 'phone_alt', 'national_id', 'street', 'house_number', 'district', 'city', 'region', 'postcode',
        'country', 'address_full', 'company_name', 'company_core_name', 'company_id', 'occupation', 'industry_code',
        'external_id',
    ]) }}
{% endmacro %}

{# SQL for the rules behind the value of an attribute, a list; expects the columns of standardized_values. #}
{% macro rules_of(attribute) -%}
    {%- if attribute in ('full_name', 'given_name', 'family_name') -%}case when party_type = 'person' then name_rules else {{ list_of("'not_a_person'") }} end
    {%- elif attribute == 'country' -%}{{ list_of("case when country is null then 'not_in_code_list' when raw_country is null then 'from_other_cells' else 'code_list' end") }}
    {%- elif attribute in address_columns() -%}address_rules
    {%- elif attribute == 'gender' -%}{{ list_of("case when gender is null then 'not_in_code_list' else 'code_list' end") }}
    {%- elif attribute == 'birth_date' -%}{{ list_of("case when raw_birth_date > cast(source_updated_at as date) then 'born_after_record' else 'placeholder' end") }}
    {%- elif attribute in ('occupation', 'industry_code', 'external_id') -%}{{ list_of("case when " ~ attribute ~ " is null then 'placeholder' else 'full_width' end") }}
    {%- else -%}{{ attribute }}_rules
    {%- endif -%}
{%- endmacro %}
