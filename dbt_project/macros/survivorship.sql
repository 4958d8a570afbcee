{# What a customer is made of, and how one value is chosen among those of the source records. #}

{# Attributes of a customer with their types: the columns of std_customer_records that survive into the golden record. #}
{% macro customer_attributes() %}
    {{ return({
        'party_type': 'varchar', 'full_name': 'varchar', 'given_name': 'varchar', 'family_name': 'varchar',
        'name_pinyin': 'varchar', 'birth_date': 'date', 'gender': 'varchar', 'email': 'varchar', 'phone': 'varchar',
        'phone_alt': 'varchar', 'national_id': 'varchar', 'street': 'varchar', 'house_number': 'varchar',
        'district': 'varchar', 'city': 'varchar', 'region': 'varchar', 'postcode': 'varchar', 'country': 'varchar',
        'address_full': 'varchar', 'company_name': 'varchar', 'company_id': 'varchar', 'occupation': 'varchar',
        'industry_code': 'varchar', 'external_id': 'varchar', 'consent_email': 'boolean', 'consent_sms': 'boolean',
        'consent_phone': 'boolean',
    }) }}
{% endmacro %}

{# Attributes by the group they survive in: name parts as one, address parts as another, every other one by itself. #}
{% macro customer_attribute_groups() %}
    {% set groups = {
        'name': ['full_name', 'given_name', 'family_name', 'name_pinyin'],
        'address': ['street', 'house_number', 'district', 'city', 'region', 'postcode', 'country', 'address_full'],
    } %}
    {% set grouped = groups['name'] + groups['address'] %}
    {% for attribute in customer_attributes() if attribute not in grouped %}
        {% do groups.update({attribute: [attribute]}) %}
    {% endfor %}
    {{ return(groups) }}
{% endmacro %}

{# Attributes that stay in the golden layer and are not published: nobody needs them for analysis or marketing. #}
{% macro unpublished_attributes() %}{{ return(['national_id']) }}{% endmacro %}

{# Longest chain of rules that survivorship_rules may hold. #}
{% macro survivorship_chain_length() %}{{ return(5) }}{% endmacro %}

{# Rule number `position` of a chain such as 'verified > source_priority'; empty beyond its end. #}
{% macro survivorship_rule(chain, position) %}trim(split_part({{ chain }}, '>', {{ position }})){% endmacro %}

{# What a candidate is sorted by under a rule: the smaller the better, the same for all where the chain has ended. #}
{% macro survivorship_sort_key(rule) -%}
    case {{ rule }}
        when 'verified' then verified_key
        when 'source_priority' then priority_key
        when 'most_recent' then recency_key
        when 'most_frequent' then frequency_key
        when 'most_restrictive' then restriction_key
        else 0
    end
{%- endmacro %}

{# Every rule of the chain is known, the chain is not too long, and all attributes of a group share it. #}
{% test survivorship_chain(model, column_name) %}
    with rule as (
        {%- for position in range(1, survivorship_chain_length() + 1) %}
        select attribute, {{ survivorship_rule(column_name, position) }} as rule from {{ model }}
        {%- if not loop.last %} union all{% endif %}
        {%- endfor %}
    )

    select attribute, rule as fault
    from rule
    where rule not in ('', 'verified', 'source_priority', 'most_recent', 'most_frequent', 'most_restrictive')
    union all
    select attribute, {{ column_name }} as fault
    from {{ model }}
    where {{ survivorship_rule(column_name, 1) }} = ''
        or {{ survivorship_rule(column_name, survivorship_chain_length() + 1) }} != ''
    union all
    select attribute_group as attribute, 'more than one chain' as fault
    from {{ model }}
    group by attribute_group
    having count(distinct {{ column_name }}) > 1
{% endtest %}
