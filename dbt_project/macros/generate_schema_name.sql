{# Schemas carry the layer's name as it is (raw, staging, ...), without a prefix per developer: a developer has a warehouse file of their own. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
