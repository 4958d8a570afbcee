-- One value per customer and attribute, in one pass: unpivot the source records, rank the candidates of each group of
-- attributes, keep the best one's values. Which rule decided is read off the best candidate and the best one that
-- differs from it.

with record as (
    select
        golden_xref.golden_id,
        golden_xref.record_key,
        golden_xref.source_system,
        golden_xref.source_object,
        golden_xref.source_id,
        golden_xref.source_updated_at
        {%- for attribute in customer_attributes() %},
        cast(std.{{ attribute }} as varchar) as {{ attribute }}
        {%- endfor %}
    from {{ ref('golden_xref') }} as golden_xref
    inner join {{ ref('std_customer_records') }} as std on golden_xref.record_key = std.record_key
),

rule as (
    select
        attribute,
        attribute_group,
        essential,
        {%- for position in range(1, survivorship_chain_length() + 1) %}
        {{ survivorship_rule('rules', position) }} as rule_{{ position }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref('survivorship_rules') }}
),

source_trust as (
    select * from {{ ref('survivorship_source_priority') }}
),

pin as (
    select
        pin.record_key,
        pin.attribute,
        pin.value,
        pin.pinned_at,
        rule.attribute_group,
        golden_xref.golden_id,
        -- Of pins on several records of a customer, the record with the latest pin stands for the group.
        first_value(pin.record_key) over (
            partition by golden_xref.golden_id, rule.attribute_group order by pin.pinned_at desc, pin.record_key
        ) as pinned_record_key
    from {{ ref('steward_pins') }} as pin
    inner join rule on pin.attribute = rule.attribute
    inner join {{ ref('golden_xref') }} as golden_xref on pin.record_key = golden_xref.record_key
),

pin_in_force as (
    select * from pin where record_key = pinned_record_key
),

-- One row per record and attribute that has a value.
stated as (
    {%- for attribute in customer_attributes() %}
    select record_key, '{{ attribute }}' as attribute, {{ attribute }} as value
    from record
    where {{ attribute }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- The same with pinned values in the place of the record's own.
given as (
    select
        coalesce(stated.record_key, pin_in_force.record_key) as record_key,
        coalesce(stated.attribute, pin_in_force.attribute) as attribute,
        coalesce(pin_in_force.value, stated.value) as value,
        case when pin_in_force.value is not null then pin_in_force.pinned_at end as pinned_at
    from stated
    full join pin_in_force
        on stated.record_key = pin_in_force.record_key and stated.attribute = pin_in_force.attribute
    where coalesce(pin_in_force.value, stated.value) is not null
),

candidate as (
    select
        given.record_key,
        rule.attribute_group,
        {%- for position in range(1, survivorship_chain_length() + 1) %}
        rule.rule_{{ position }},
        {%- endfor %}
        bool_or(rule.essential) as is_essential,
        string_agg(given.attribute || '=' || given.value, chr(31) order by given.attribute) as fingerprint
    from given
    inner join rule on given.attribute = rule.attribute
    group by all
),

judged as (
    select
        record.golden_id,
        record.source_system,
        candidate.*,
        case when pinned.record_key is not null then 0 else 1 end as pin_key,
        case when candidate.is_essential then 0 else 1 end as essential_key,
        case when coalesce(own.verified, general.verified, false) then 0 else 1 end as verified_key,
        coalesce(own.priority, general.priority, 1000000) as priority_key,
        coalesce(-{{ epoch_seconds('record.source_updated_at') }}, 1000000000000) as recency_key,
        -count(*) over (
            partition by record.golden_id, candidate.attribute_group, candidate.fingerprint
        ) as frequency_key,
        case when candidate.fingerprint like '%=true' then 1 else 0 end as restriction_key
    from candidate
    inner join record on candidate.record_key = record.record_key
    left join (select distinct record_key, attribute_group from pin_in_force) as pinned
        on candidate.record_key = pinned.record_key and candidate.attribute_group = pinned.attribute_group
    left join source_trust as own
        on record.source_system = own.source_system and candidate.attribute_group = own.attribute_group
    left join source_trust as general
        on record.source_system = general.source_system and general.attribute_group = '*'
),

keyed as (
    select
        *,
        {%- for position in range(1, survivorship_chain_length() + 1) %}
        {{ survivorship_sort_key('rule_' ~ position) }} as key_{{ position }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from judged
),

ranked as (
    select
        *,
        row_number() over preference as preference_rank,
        first_value(fingerprint) over preference as best_fingerprint
    from keyed
    window preference as (
        partition by golden_id, attribute_group
        order by
            pin_key, essential_key
            {%- for position in range(1, survivorship_chain_length() + 1) %}, key_{{ position }}{% endfor %},
            source_system, record_key
    )
),

contested as (
    select
        *,
        min(case when fingerprint != best_fingerprint then preference_rank end) over (
            partition by golden_id, attribute_group
        ) as rival_rank
    from ranked
),

-- One row per customer and group: the record it survives from, and the first step at which its best rival fell behind.
survivor as (
    select
        best.golden_id,
        best.attribute_group,
        best.record_key,
        case
            when best.pin_key = 0 then 'steward_pin'
            when rival.record_key is null then 'only_value'
            when best.essential_key != rival.essential_key then 'essential_part'
            {%- for position in range(1, survivorship_chain_length() + 1) %}
            when best.key_{{ position }} != rival.key_{{ position }} then best.rule_{{ position }}
            {%- endfor %}
            else 'tie_break'
        end as rule
    from contested as best
    left join contested as rival
        on best.golden_id = rival.golden_id
        and best.attribute_group = rival.attribute_group
        and best.rival_rank = rival.preference_rank
    where best.preference_rank = 1
)

select
    survivor.golden_id,
    given.attribute,
    survivor.attribute_group,
    given.value,
    survivor.rule,
    case when given.pinned_at is null then record.source_system else 'steward' end as source_system,
    case when given.pinned_at is null then record.source_object else 'pins' end as source_object,
    case when given.pinned_at is null then record.source_id else record.record_key end as source_id,
    record.record_key,
    coalesce(given.pinned_at, record.source_updated_at) as source_updated_at
from survivor
inner join record on survivor.record_key = record.record_key
inner join given on survivor.record_key = given.record_key
inner join rule on given.attribute = rule.attribute and survivor.attribute_group = rule.attribute_group
order by survivor.golden_id, given.attribute
