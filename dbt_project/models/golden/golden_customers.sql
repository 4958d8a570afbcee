with origin as (
    select * from {{ ref('golden_value_origins') }}
),

customer as (
    select
        golden_id,
        count(*) as record_count,
        count(distinct source_system) as source_system_count,
        min(source_updated_at) as first_updated_at,
        max(source_updated_at) as last_updated_at
    from {{ ref('golden_xref') }}
    group by golden_id
),

survived as (
    select
        golden_id
        {%- for attribute, type in customer_attributes().items() %},
        cast(max(case when attribute = '{{ attribute }}' then value end) as {{ type }}) as {{ attribute }}
        {%- endfor %}
    from origin
    group by golden_id
)

select
    customer.golden_id
    {%- for attribute in customer_attributes() %},
    survived.{{ attribute }}
    {%- endfor %},
    customer.record_count,
    customer.source_system_count,
    customer.first_updated_at,
    customer.last_updated_at
from customer
left join survived on customer.golden_id = survived.golden_id
order by customer.golden_id
