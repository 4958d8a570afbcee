-- Every attribute of a customer has a rule in the group it survives with, and every priority a group that exists.
with attribute as (
    {%- for group, attributes in customer_attribute_groups().items() %}
    {%- set group_loop = loop %}
    {%- for attribute in attributes %}
    select '{{ attribute }}' as attribute, '{{ group }}' as attribute_group
    {%- if not (loop.last and group_loop.last) %} union all{% endif %}
    {%- endfor %}
    {%- endfor %}
)

select coalesce(attribute.attribute, rule.attribute) as fault
from attribute
full join {{ ref('survivorship_rules') }} as rule
    on attribute.attribute = rule.attribute and attribute.attribute_group = rule.attribute_group
where attribute.attribute is null or rule.attribute is null
union all
select priority.attribute_group as fault
from {{ ref('survivorship_source_priority') }} as priority
left join attribute on priority.attribute_group = attribute.attribute_group
where attribute.attribute_group is null and priority.attribute_group != '*'
