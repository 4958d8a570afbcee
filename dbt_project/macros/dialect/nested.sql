{# Lists and nested values as rows, which DuckDB and Spark write differently. #}

{# One row per part of a text between separators; stands in a select list. #}
{% macro each_part(text, separator) %}{{ return(adapter.dispatch('each_part', 'golden_customer')(text, separator)) }}{% endmacro %}
{% macro duckdb__each_part(text, separator) %}unnest(string_split({{ text }}, '{{ separator }}')){% endmacro %}
{% macro spark__each_part(text, separator) %}explode(split({{ text }}, '[{{ separator }}]')){% endmacro %}

{# One row per value of a JSON object, however deep: the columns given, path ('contact.time', members of a list share one)
   and value as text. What is no object has one row without a path. Spark looks into two levels and lists. #}
{% macro json_values(relation, columns, json_column) %}{{ return(adapter.dispatch('json_values', 'golden_customer')(relation, columns, json_column)) }}{% endmacro %}
{% macro duckdb__json_values(relation, columns, json_column) -%}
    select
        {% for column in columns %}parent.{{ column }}, {% endfor %}
        nullif(regexp_replace(leaf.fullkey, '^\$\.?|\[\d+\]', '', 'g'), '') as path,
        leaf.atom ->> '$' as value
    from {{ relation }} as parent
    cross join lateral json_tree(
        case when json_valid(parent.{{ json_column }}) then cast(parent.{{ json_column }} as json) else to_json(parent.{{ json_column }}) end
    ) as leaf
    where leaf.atom ->> '$' is not null
{%- endmacro %}
{% macro spark__json_values(relation, columns, json_column) -%}
    select
        {% for column in columns %}parent.{{ column }}, {% endfor %}
        nullif(concat_ws('.', nullif(outer_key, ''), nullif(inner_key, '')), '') as path,
        value
    from {{ relation }} as parent
    lateral view explode(coalesce(from_json(parent.{{ json_column }}, 'map<string,string>'), map('', parent.{{ json_column }}))) as outer_key, outer_value
    lateral view explode(case when left(outer_value, 1) = '{' then from_json(outer_value, 'map<string,string>') else map('', outer_value) end) as inner_key, inner_value
    lateral view explode(case when left(inner_value, 1) = '[' then from_json(inner_value, 'array<string>') else array(inner_value) end) as value
    where value is not null
{%- endmacro %}

{# A list of texts with further texts at its end. #}
{% macro lists_joined(list, further) %}{{ return(adapter.dispatch('lists_joined', 'golden_customer')(list, further)) }}{% endmacro %}
{% macro duckdb__lists_joined(list, further) %}list_concat({{ list }}, [{{ further }}]){% endmacro %}
{% macro spark__lists_joined(list, further) %}concat({{ list }}, array({{ further }})){% endmacro %}

{# One row per member of a list; stands in a select list. #}
{% macro each_member(list) %}{{ return(adapter.dispatch('each_member', 'golden_customer')(list)) }}{% endmacro %}
{% macro duckdb__each_member(list) %}unnest({{ list }}){% endmacro %}
{% macro spark__each_member(list) %}explode({{ list }}){% endmacro %}

{# A list of one text, or an empty one where the text is NULL. #}
{% macro list_of(text) %}{{ return(adapter.dispatch('list_of', 'golden_customer')(text)) }}{% endmacro %}
{% macro duckdb__list_of(text) %}case when {{ text }} is not null then [{{ text }}] else cast([] as varchar[]) end{% endmacro %}
{% macro spark__list_of(text) %}case when {{ text }} is not null then array({{ text }}) else cast(array() as array<string>) end{% endmacro %}

{# Whether a text is one of those that another lists between semicolons. #}
{% macro list_contains_part(listed, text) %}(';' || {{ listed }} || ';' like '%;' || {{ text }} || ';%'){% endmacro %}
