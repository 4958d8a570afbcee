-- Joining the golden ID neither drops nor doubles a row: as many facts as standardized rows.
with row_balance as (
    select
        'fct_orders' as fact,
        1 as expected,
        0 as found
    from {{ ref('std_orders') }}
    union all
    select
        'fct_orders' as fact,
        0 as expected,
        1 as found
    from {{ ref('fct_orders') }}
    union all
    select
        'fct_interactions' as fact,
        1 as expected,
        0 as found
    from {{ ref('std_orders') }}
    union all
    select
        'fct_interactions' as fact,
        1 as expected,
        0 as found
    from {{ ref('std_interactions') }}
    union all
    select
        'fct_interactions' as fact,
        0 as expected,
        1 as found
    from {{ ref('fct_interactions') }}
    union all
    select
        'customer_xref' as fact,
        1 as expected,
        0 as found
    from {{ ref('std_customer_records') }}
    union all
    select
        'customer_xref' as fact,
        0 as expected,
        1 as found
    from {{ ref('customer_xref') }}
)

select
    fact,
    sum(expected) as expected,
    sum(found) as found
from row_balance
group by fact
having sum(expected) != sum(found)
