-- Every attribute of dim_customer that is not NULL has its row in customer_value_origin, with the same value, and no
-- other attribute has one.
with stated as (
    {%- for attribute in customer_attributes() if attribute not in unpublished_attributes() %}
    select golden_id, '{{ attribute }}' as attribute, cast({{ attribute }} as varchar) as value
    from {{ ref('dim_customer') }}
    where {{ attribute }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    coalesce(stated.golden_id, origin.golden_id) as golden_id,
    coalesce(stated.attribute, origin.attribute) as attribute
from stated
full join {{ ref('customer_value_origin') }} as origin
    on stated.golden_id = origin.golden_id and stated.attribute = origin.attribute
where stated.value is distinct from origin.value
