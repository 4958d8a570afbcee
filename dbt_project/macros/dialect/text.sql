{# Text functions whose name or meaning differs between DuckDB and Spark. #}

{# Whether the whole text matches the pattern (RE2 and Java share the syntax that is used here). #}
{% macro matches_whole(text, pattern) %}{{ return(adapter.dispatch('matches_whole', 'golden_customer')(text, pattern)) }}{% endmacro %}
{% macro duckdb__matches_whole(text, pattern) %}regexp_full_match({{ text }}, {{ pattern }}){% endmacro %}
{% macro spark__matches_whole(text, pattern) %}({{ text }} rlike concat('^(?:', {{ pattern }}, ')$')){% endmacro %}

{# Whether the pattern occurs in the text. #}
{% macro contains_match(text, pattern) %}{{ return(adapter.dispatch('contains_match', 'golden_customer')(text, pattern)) }}{% endmacro %}
{% macro duckdb__contains_match(text, pattern) %}regexp_matches({{ text }}, {{ pattern }}){% endmacro %}
{% macro spark__contains_match(text, pattern) %}({{ text }} rlike {{ pattern }}){% endmacro %}

{# Every match replaced: DuckDB replaces the first only unless told otherwise, Spark replaces all. #}
{% macro replace_all(text, pattern, replacement) %}{{ return(adapter.dispatch('replace_all', 'golden_customer')(text, pattern, replacement)) }}{% endmacro %}
{% macro duckdb__replace_all(text, pattern, replacement) %}regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}, 'g'){% endmacro %}
{% macro spark__replace_all(text, pattern, replacement) %}regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}){% endmacro %}

{# First group of the first match, or NULL where nothing matches (both engines give an empty text there). #}
{% macro first_match(text, pattern, group) %}nullif(regexp_extract({{ text }}, {{ pattern }}, {{ group }}), ''){% endmacro %}

{# Every word with a capital initial, the rest in small letters. #}
{% macro initial_capitals(text) %}{{ return(adapter.dispatch('initial_capitals', 'golden_customer')(text)) }}{% endmacro %}
{% macro duckdb__initial_capitals(text) -%}
    array_to_string(
        list_transform(string_split(lower({{ text }}), ' '), lambda word: upper(left(word, 1)) || substr(word, 2)), ' '
    )
{%- endmacro %}
{% macro spark__initial_capitals(text) %}initcap({{ text }}){% endmacro %}

{# A column under the title the source gives it, quoted as the engine quotes identifiers. #}
{% macro titled(title) %}{{ adapter.quote(title) }}{% endmacro %}
