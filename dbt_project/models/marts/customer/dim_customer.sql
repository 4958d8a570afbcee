select
    customer.golden_id,
    as_of.as_of
    {%- for attribute in customer_attributes() if attribute not in unpublished_attributes() %},
    customer.{{ attribute }}
    {%- endfor %},
    customer.record_count,
    customer.source_system_count,
    customer.first_updated_at,
    customer.last_updated_at
from {{ ref('golden_customers') }} as customer
cross join {{ ref('as_of') }} as as_of
order by customer.golden_id
