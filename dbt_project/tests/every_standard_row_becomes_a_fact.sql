-- Joining the golden ID neither drops nor doubles a row: as many facts as standardized rows.
with counted as (
    select
        'fct_orders' as fact,
        (select count(*) from {{ ref('std_orders') }}) as expected,
        (select count(*) from {{ ref('fct_orders') }}) as found
    union all
    select
        'fct_interactions',
        (select count(*) from {{ ref('std_orders') }}) + (select count(*) from {{ ref('std_interactions') }}),
        (select count(*) from {{ ref('fct_interactions') }})
    union all
    select
        'customer_xref',
        (select count(*) from {{ ref('std_customer_records') }}),
        (select count(*) from {{ ref('customer_xref') }})
)

select * from counted where expected != found
