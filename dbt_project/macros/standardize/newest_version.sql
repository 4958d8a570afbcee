{# The newest delivered version of every record of a raw table: by the source's cursor, then by load. A record whose
   newest version says that it was deleted at the source is left out. #}
{% macro newest_version(relation, key, cursor=none) %}
    select * exclude (_deleted)
    from (
        select *
        from {{ relation }}
        qualify row_number() over (
            partition by {% for column in key %}{{ titled(column) }}{% if not loop.last %}, {% endif %}{% endfor %}
            order by {% if cursor %}{{ titled(cursor) }} desc nulls last, {% endif %}_loaded_at desc, _file desc, _row_number desc nulls first
        ) = 1
    ) as newest
    where not coalesce(_deleted, false)
{% endmacro %}
