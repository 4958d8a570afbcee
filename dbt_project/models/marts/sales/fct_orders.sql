with line as (
    select
        order_key,
        count(case when not is_refund then 1 end) as line_count,
        sum(net_revenue) as net_revenue,
        sum(case when is_refund then 0 else net_revenue end) as gross_revenue,
        sum(source_net_revenue) as source_net_revenue
    from {{ ref('fct_order_lines') }}
    group by order_key
),

orders as (
    select
        std.*,
        golden_xref.golden_id,
        coalesce(line.line_count, 0) as line_count,
        cast(coalesce(line.net_revenue, 0) as decimal(18, 2)) as net_revenue,
        cast(coalesce(line.gross_revenue, 0) as decimal(18, 2)) as gross_revenue,
        cast(coalesce(line.source_net_revenue, 0) as decimal(18, 2)) as source_net_revenue
    from {{ ref('std_orders') }} as std
    left join {{ ref('golden_xref') }} as golden_xref on std.customer_record_key = golden_xref.record_key
    left join line on std.order_key = line.order_key
)

select
    order_key,
    golden_id,
    customer_record_key,
    source_system,
    source_object,
    source_id,
    ordered_at,
    cast(ordered_at as date) as order_date,
    order_status,
    channel,
    store_code,
    line_count,
    net_revenue,
    cast('{{ var("reporting_currency") }}' as varchar) as currency,
    source_net_revenue,
    coalesce(currency, '{{ var("reporting_currency") }}') as source_currency,
    coalesce(order_status = 'paid', false) as is_paid,
    -- In the currency of the order too: parts of a refund, converted one by one, may leave a penny of nothing.
    coalesce(order_status = 'paid' and net_revenue > 0 and source_net_revenue > 0, false) as is_purchase,
    gross_revenue,
    cast(gross_revenue - net_revenue as decimal(18, 2)) as refunded_amount
from orders
order by order_key
