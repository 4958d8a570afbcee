-- The candidates of every group of attributes are the customer's source records that state some of it. They are ranked
-- by the chain of the group; which step decided is read off the best candidate and the best one that differs from it.

with record as (
    select
        golden_xref.golden_id,
        golden_xref.record_key,
        golden_xref.source_system,
        golden_xref.source_updated_at
        {%- for attribute in customer_attributes() %},
        std.{{ attribute }}
        {%- endfor %}
    from {{ ref('golden_xref') }} as golden_xref
    inner join {{ ref('std_customer_records') }} as std on golden_xref.record_key = std.record_key
),

-- One row per group: its chain, and which of its attributes are essential.
rule as (
    select
        attribute_group
        {%- for position in range(1, survivorship_chain_length() + 1) %},
        max({{ survivorship_rule('rules', position) }}) as rule_{{ position }}
        {%- endfor %}
        {%- for attribute in customer_attributes() %},
        max(case when attribute = '{{ attribute }}' and essential then 1 else 0 end) as {{ attribute }}_is_essential
        {%- endfor %}
    from {{ ref('survivorship_rules') }}
    group by attribute_group
),

source_trust as (
    select * from {{ ref('survivorship_source_priority') }}
),

pin as (
    select distinct
        golden_xref.golden_id,
        pin.record_key,
        rule.attribute_group,
        -- Of pins on several records of a customer, the record with the latest pin stands for the group.
        first_value(pin.record_key) over (
            partition by golden_xref.golden_id, rule.attribute_group order by pin.pinned_at desc, pin.record_key asc
        ) as pinned_record_key,
        bool_or(pin.value is not null) over (
            partition by rule.attribute_group, pin.record_key
        ) as gives_value
    from {{ ref('steward_pins') }} as pin
    inner join {{ ref('survivorship_rules') }} as rule on pin.attribute = rule.attribute
    inner join {{ ref('golden_xref') }} as golden_xref on pin.record_key = golden_xref.record_key
),

stated as (
    {%- for group, attributes in customer_attribute_groups().items() %}
    select
        record.golden_id,
        rule.attribute_group,
        record.record_key,
        record.source_system,
        record.source_updated_at,
        {% if attributes | length == 1 -%}
        cast(record.{{ attributes[0] }} as varchar) as fingerprint,
        {%- else -%}
        md5(
            {%- for attribute in attributes %}
            coalesce(cast(record.{{ attribute }} as varchar), '') {%- if not loop.last %} || chr(31) ||{% endif %}
            {%- endfor %}
        ) as fingerprint,
        {%- endif %}
        case
            {%- for attribute in attributes %}
            when rule.{{ attribute }}_is_essential = 1 and record.{{ attribute }} is not null then 0
            {%- endfor %}
            else 1
        end as essential_key
    from record
    cross join rule
    where rule.attribute_group = '{{ group }}'
        and coalesce(
            {%- for attribute in attributes %}
            cast(record.{{ attribute }} as varchar){% if not loop.last %},{% else %}, null{% endif %}
            {%- endfor %}
        ) is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- A record with a pinned value competes for the group though it may state nothing; what it states comes first.
candidate as (
    select * from stated
    union all
    select
        pin.golden_id,
        pin.attribute_group,
        pin.record_key,
        record.source_system,
        record.source_updated_at,
        '' as fingerprint,
        2 as essential_key
    from pin
    inner join record on pin.record_key = record.record_key
    where pin.record_key = pin.pinned_record_key and pin.gives_value
),

judged as (
    select
        candidate.*,
        case when pin.record_key is not null then 0 else 1 end as pin_key,
        case when coalesce(own.verified, general.verified, false) then 0 else 1 end as verified_key,
        coalesce(own.priority, general.priority, 1000000) as priority_key,
        coalesce(-{{ epoch_seconds('candidate.source_updated_at') }}, 1000000000000) as recency_key,
        -count(*) over (
            partition by candidate.golden_id, candidate.attribute_group, candidate.fingerprint
        ) as frequency_key,
        case when candidate.fingerprint = 'true' then 1 else 0 end as restriction_key
    from candidate
    left join pin
        on candidate.record_key = pin.record_key
        and candidate.attribute_group = pin.attribute_group
        and pin.record_key = pin.pinned_record_key
    left join source_trust as own
        on candidate.source_system = own.source_system and candidate.attribute_group = own.attribute_group
    left join source_trust as general
        on candidate.source_system = general.source_system and general.attribute_group = '*'
),

keyed as (
    select
        judged.golden_id,
        judged.attribute_group,
        judged.record_key,
        judged.source_system,
        judged.fingerprint,
        judged.pin_key,
        judged.essential_key
        {%- for position in range(1, survivorship_chain_length() + 1) %},
        {{ survivorship_sort_key('rule.rule_' ~ position) }} as key_{{ position }}
        {%- endfor %}
    from judged
    inner join rule on judged.attribute_group = rule.attribute_group
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
            pin_key,
            essential_key,
            {%- for position in range(1, survivorship_chain_length() + 1) %}
            key_{{ position }},
            {%- endfor %}
            source_system,
            record_key
    )
),

-- The best candidate, and its rival: the best one with another value.
contested as (
    select
        golden_id,
        attribute_group,
        record_key,
        pin_key,
        essential_key,
        {%- for position in range(1, survivorship_chain_length() + 1) %}
        key_{{ position }},
        {%- endfor %}
        preference_rank,
        min(case when fingerprint != best_fingerprint then preference_rank end) over (
            partition by golden_id, attribute_group
        ) as rival_rank
    from ranked
    qualify preference_rank = 1 or preference_rank = rival_rank
)

select
    best.golden_id,
    best.attribute_group,
    best.record_key,
    case
        when best.pin_key = 0 then 'steward_pin'
        when rival.record_key is null then 'only_value'
        when best.essential_key != rival.essential_key then 'essential_part'
        {%- for position in range(1, survivorship_chain_length() + 1) %}
        when best.key_{{ position }} != rival.key_{{ position }} then rule.rule_{{ position }}
        {%- endfor %}
        else 'tie_break'
    end as rule
from contested as best
inner join rule on best.attribute_group = rule.attribute_group
left join contested as rival
    on best.golden_id = rival.golden_id
    and best.attribute_group = rival.attribute_group
    and rival.preference_rank > 1
where best.preference_rank = 1
order by best.golden_id, best.attribute_group
