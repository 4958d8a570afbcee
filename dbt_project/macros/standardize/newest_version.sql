{# The newest delivered version of every record of a raw table: by the source's cursor, then by load. #}
{% macro newest_version(relation, key, cursor=none) %}
    select *
    from {{ relation }}
    qualify row_number() over (
        partition by {% for column in key %}{{ titled(column) }}{% if not loop.last %}, {% endif %}{% endfor %}
        order by {% if cursor %}{{ titled(cursor) }} desc nulls last, {% endif %}_loaded_at desc, _file desc, _row_number desc
    ) = 1
{% endmacro %}
