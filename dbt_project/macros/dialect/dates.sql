{# Date functions whose name or meaning differs between DuckDB and Spark. #}

{# Whole days from one date to another, negative when the second is earlier. #}
{% macro days_between(from_date, to_date) %}{{ return(adapter.dispatch('days_between', 'golden_customer')(from_date, to_date)) }}{% endmacro %}
{% macro duckdb__days_between(from_date, to_date) %}date_diff('day', {{ from_date }}, {{ to_date }}){% endmacro %}
{% macro spark__days_between(from_date, to_date) %}datediff({{ to_date }}, {{ from_date }}){% endmacro %}

{# The date so many days later. #}
{% macro add_days(date, days) %}{{ return(adapter.dispatch('add_days', 'golden_customer')(date, days)) }}{% endmacro %}
{% macro duckdb__add_days(date, days) %}({{ date }} + cast({{ days }} as integer)){% endmacro %}
{% macro spark__add_days(date, days) %}date_add({{ date }}, cast({{ days }} as int)){% endmacro %}

{# One row per month from one date to another, each month as its first day; stands in a select list. #}
{% macro each_month(from_date, to_date) %}{{ return(adapter.dispatch('each_month', 'golden_customer')(from_date, to_date)) }}{% endmacro %}
{% macro duckdb__each_month(from_date, to_date) -%}
    unnest(generate_series(date_trunc('month', {{ from_date }}), date_trunc('month', {{ to_date }}), interval 1 month))
{%- endmacro %}
{% macro spark__each_month(from_date, to_date) -%}
    explode(sequence(date_trunc('month', {{ from_date }}), date_trunc('month', {{ to_date }}), interval 1 month))
{%- endmacro %}

{# Whole seconds since 1970-01-01 of a timestamp in UTC. #}
{% macro epoch_seconds(timestamp) %}{{ return(adapter.dispatch('epoch_seconds', 'golden_customer')(timestamp)) }}{% endmacro %}
{% macro duckdb__epoch_seconds(timestamp) %}cast(floor(epoch({{ timestamp }})) as bigint){% endmacro %}
{% macro spark__epoch_seconds(timestamp) %}unix_timestamp({{ timestamp }}){% endmacro %}
