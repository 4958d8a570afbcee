{# Every row has a value in each of these columns: one check per table instead of one per column. A row per gap. #}
{% test complete(model, columns) %}
    {%- for column in columns %}
    select '{{ column }}' as incomplete_column, count(*) as rows_without_value
    from {{ model }}
    where {{ column }} is null
    having count(*) > 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endtest %}
