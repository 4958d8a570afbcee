{# The Chinese name of a lifecycle stage. #}
{% macro lifecycle_zh(stage) -%}
    case {{ stage }}
        when 'prospect' then '潜在'
        when 'new' then '新'
        when 'active' then '活跃'
        when 'silent' then '沉默'
        when 'churned' then '流失'
    end
{%- endmacro %}
