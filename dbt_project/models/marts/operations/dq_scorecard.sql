{{ config(materialized='incremental', unique_key='run_id', on_schema_change='fail') }}

-- A run is what was loaded and how it was standardized: the same input again replaces its own rows with equal ones.
with run as (
    select
        md5(string_agg(load_id, ',' order by load_id) || standardization_version()) as run_id,
        max(loaded_at) as measured_at
    from {{ source('raw', 'load_log') }}
),

record as (
    select
        records.*,
        as_of.as_of
    from {{ ref('standardized_values') }} as records
    cross join {{ ref('as_of') }} as as_of
),

-- One row per record, attribute and contradiction: enough to count records.
inconsistent as (
    select
        record_key,
        attribute
    from {{ ref('consistency_issues') }}
    union
    select
        record_key,
        other_attribute as attribute
    from {{ ref('consistency_issues') }}
),

inconsistent_records as (
    select
        records.source_system,
        records.source_object,
        inconsistent.attribute,
        count(*) as inconsistent_count
    from inconsistent
    inner join {{ ref('standardized_values') }} as records on inconsistent.record_key = records.record_key
    group by all
),

-- Per source object and attribute: records that could have it, that were delivered with it, that have it now, ...
counted as (
    {%- for attribute in logged_attributes() %}
    select
        source_system,
        source_object,
        '{{ attribute }}' as attribute,
        count(*) as record_count,
        count(nullif(trim(cast(raw_{{ attribute }} as varchar)), '')) as delivered_count,
        count({{ attribute }}) as filled_count,
        count({{ quality_value(attribute) }}) as valid_count,
        count(distinct {{ attribute }}) as distinct_count
    from record
    where {{ applies_to_party(attribute) }}
    group by source_system, source_object
    union all
    {%- endfor %}
    select
        source_system,
        source_object,
        'source_updated_at' as attribute,
        count(*) as record_count,
        count(source_updated_at) as delivered_count,
        count(source_updated_at) as filled_count,
        count(
            case when {{ days_between('cast(source_updated_at as date)', 'as_of') }} <= {{ var('timely_days') }} then 1 end
        ) as valid_count,
        count(distinct source_updated_at) as distinct_count
    from record
    group by source_system, source_object
),

scored as (
    select
        source_system,
        source_object,
        attribute,
        'completeness' as dimension,
        record_count as checked_count,
        filled_count as passed_count
    from counted
    union all
    select
        source_system,
        source_object,
        attribute,
        'validity' as dimension,
        delivered_count as checked_count,
        least(valid_count,
        delivered_count) as passed_count
    from counted
    where attribute != 'source_updated_at'
    union all
    select
        source_system,
        source_object,
        attribute,
        'timeliness' as dimension,
        filled_count as checked_count,
        valid_count as passed_count
    from counted
    where attribute = 'source_updated_at'
    union all
    select
        source_system,
        source_object,
        attribute,
        'uniqueness' as dimension,
        filled_count as checked_count,
        distinct_count as passed_count
    from counted
    where attribute in {{ text_list(var('unique_attributes')) }}
    union all
    select
        counted.source_system,
        counted.source_object,
        counted.attribute,
        'consistency' as dimension,
        counted.filled_count as checked_count,
        greatest(counted.filled_count - coalesce(inconsistent_records.inconsistent_count, 0), 0) as passed_count
    from counted
    left join inconsistent_records
        on counted.source_system = inconsistent_records.source_system
        and counted.source_object = inconsistent_records.source_object
        and counted.attribute = inconsistent_records.attribute
    where counted.attribute in {{ text_list(consistency_attributes()) }}
),

{% if is_incremental() -%}
previous as (
    select *
    from {{ this }}
    where run_id != (select run.run_id from run) and measured_at < (select run.measured_at from run)
    qualify row_number() over (
        partition by source_system, source_object, attribute, dimension order by measured_at desc, run_id
    ) = 1
),
{%- else -%}
previous as (
    select
        source_system,
        source_object,
        attribute,
        dimension,
        cast(null as double) as score
    from scored
    where false
),
{%- endif %}

compared as (
    select
        run.run_id,
        run.measured_at,
        as_of.as_of,
        scored.source_system,
        scored.source_object,
        scored.attribute,
        scored.dimension,
        scored.checked_count,
        scored.passed_count,
        round(cast(scored.passed_count as double) / nullif(scored.checked_count, 0), 6) as score,
        previous.score as previous_score
    from scored
    cross join run
    cross join {{ ref('as_of') }} as as_of
    left join previous
        on scored.source_system = previous.source_system
        and scored.source_object = previous.source_object
        and scored.attribute = previous.attribute
        and scored.dimension = previous.dimension
)

select
    *,
    round(score - previous_score, 6) as score_change
from compared
