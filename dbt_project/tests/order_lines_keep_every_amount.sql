-- No amount is lost or doubled between the standardized lines and the facts, in the currency of the orders.
with std as (
    select
        sum(net_revenue) as amount,
        count(*) as line_count
    from {{ ref('std_order_lines') }}
),

fact as (
    select
        sum(source_net_revenue) as amount,
        count(*) as line_count
    from {{ ref('fct_order_lines') }}
)

select
    std.amount as std_amount,
    fact.amount as fact_amount
from std
cross join fact
where std.amount is distinct from fact.amount or std.line_count != fact.line_count
