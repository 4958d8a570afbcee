with orders as (
    select
        std.order_key,
        -- A source that names no currency sells in the reporting currency.
        coalesce(std.currency, '{{ var("reporting_currency") }}') as currency,
        std.ordered_at,
        cast(std.ordered_at as date) as order_date,
        golden_xref.golden_id
    from {{ ref('std_orders') }} as std
    left join {{ ref('golden_xref') }} as golden_xref on std.customer_record_key = golden_xref.record_key
),

rate as (
    select
        currency,
        valid_from,
        lead(valid_from) over (partition by currency order by valid_from) as valid_before,
        rate
    from {{ ref('exchange_rates') }}
),

priced as (
    select
        line.*,
        orders.golden_id,
        orders.ordered_at,
        orders.order_date,
        coalesce(orders.currency, '{{ var("reporting_currency") }}') as currency,
        case
            when coalesce(orders.currency, '{{ var("reporting_currency") }}') = '{{ var("reporting_currency") }}' then 1
            else rate.rate
        end as rate
    from {{ ref('std_order_lines') }} as line
    -- A line whose order is in quarantine stays, without a customer and a time.
    left join orders on line.order_key = orders.order_key
    left join rate
        on orders.currency = rate.currency
        and orders.order_date >= rate.valid_from
        and (orders.order_date < rate.valid_before or rate.valid_before is null)
)

select
    order_line_key,
    order_key,
    golden_id,
    ordered_at,
    order_date,
    line_number,
    product_key,
    product_name,
    cast(quantity as decimal(18, 3)) as quantity,
    cast(round(unit_price * rate, 4) as decimal(18, 4)) as unit_price,
    cast(round(net_revenue * rate, 2) as decimal(18, 2)) as net_revenue,
    cast('{{ var("reporting_currency") }}' as varchar) as currency,
    cast(net_revenue as decimal(18, 2)) as source_net_revenue,
    currency as source_currency,
    is_refund,
    refunded_at,
    refund_reason
from priced
order by order_line_key
