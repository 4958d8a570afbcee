{# How the scorecard judges an attribute. #}

{# The value where it is valid: it was kept, and no checksum or format speaks against it. Expects standardized_values. #}
{% macro quality_value(attribute) -%}
    {%- if attribute in ('national_id', 'company_id', 'postcode') -%}
    case when coalesce(is_{{ attribute }}_valid, true) then {{ attribute }} end
    {%- else -%}{{ attribute }}
    {%- endif -%}
{%- endmacro %}

{# The records that can have the attribute: a company has no given name. #}
{% macro applies_to_party(attribute) -%}
    {%- if attribute in ('full_name', 'given_name', 'family_name', 'birth_date', 'gender', 'national_id', 'occupation') -%}party_type = 'person'
    {%- elif attribute in ('company_id', 'industry_code') -%}party_type = 'organization'
    {%- else -%}true
    {%- endif -%}
{%- endmacro %}

{# The attributes that some cross-field check looks at. #}
{% macro consistency_attributes() %}
    {%- set found = [] -%}
    {%- for check in consistency_checks() %}{% for attribute in check[1] %}
        {%- if attribute not in found %}{% do found.append(attribute) %}{% endif -%}
    {% endfor %}{% endfor -%}
    {{ return(found | sort) }}
{% endmacro %}
