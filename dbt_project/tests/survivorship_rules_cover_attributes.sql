-- Every attribute of a customer has a rule, every rule an attribute, and every priority a group that exists.
with attribute as (
    {%- for attribute in customer_attributes() %}
    select '{{ attribute }}' as attribute{% if not loop.last %} union all{% endif %}
    {%- endfor %}
)

select coalesce(attribute.attribute, rule.attribute) as fault
from attribute
full join {{ ref('survivorship_rules') }} as rule on attribute.attribute = rule.attribute
where attribute.attribute is null or rule.attribute is null
union all
select priority.attribute_group as fault
from {{ ref('survivorship_source_priority') }} as priority
left join {{ ref('survivorship_rules') }} as rule on priority.attribute_group = rule.attribute_group
where rule.attribute_group is null and priority.attribute_group != '*'
