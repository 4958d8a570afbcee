-- Only the whole invoice is read; one line stands for all of it, without an article. Tax is no revenue.
with newest as (
    {{ newest_version(source('erp', 'invoices'), ['invoice_no'], 'updated_at') }}
)

select
    'erp' as source_system,
    'invoices' as source_object,
    invoice_no || '/1' as source_id,
    'erp:invoices:' || invoice_no as order_key,
    1 as line_number,
    net_amount as net_revenue
from newest
