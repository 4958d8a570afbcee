-- A refund is a line of its order beside the line it refunds, never under the same number.
select
    order_key,
    line_number
from {{ ref('std_order_lines') }}
where line_number is not null
group by order_key, line_number
having count(*) > 1 and count(case when is_refund then 1 end) > 0
