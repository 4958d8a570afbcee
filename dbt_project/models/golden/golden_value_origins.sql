with survivor as (
    select * from {{ ref('golden_survivors') }}
),

pin as (
    select * from {{ ref('steward_pins') }}
),

-- The surviving record's value of each attribute, with a pinned value in the place of its own.
survived as (
    {%- for group, attributes in customer_attribute_groups().items() %}
    {%- set group_loop = loop %}
    {%- for attribute in attributes %}
    select
        survivor.golden_id,
        '{{ attribute }}' as attribute,
        survivor.attribute_group,
        coalesce(pin.value, cast(std.{{ attribute }} as varchar)) as value,
        survivor.rule,
        survivor.record_key,
        case when pin.value is not null then pin.pinned_at end as pinned_at
    from survivor
    inner join {{ ref('std_customer_records') }} as std on survivor.record_key = std.record_key
    left join pin on survivor.record_key = pin.record_key and pin.attribute = '{{ attribute }}'
    where survivor.attribute_group = '{{ group }}'
        and (pin.value is not null or std.{{ attribute }} is not null)
    {%- if not (loop.last and group_loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
)

select
    survived.golden_id,
    survived.attribute,
    survived.attribute_group,
    survived.value,
    survived.rule,
    case when survived.pinned_at is null then xref.source_system else 'steward' end as source_system,
    case when survived.pinned_at is null then xref.source_object else 'pins' end as source_object,
    case when survived.pinned_at is null then xref.source_id else xref.record_key end as source_id,
    xref.record_key,
    coalesce(survived.pinned_at, xref.source_updated_at) as source_updated_at
from survived
inner join {{ ref('golden_xref') }} as xref on survived.record_key = xref.record_key
order by survived.golden_id, survived.attribute
