with newest as (
    {{ newest_version(source('erp', 'invoices'), ['invoice_no'], 'updated_at') }}
)

select
    invoice_no as source_id,
    'erp' as source_system,
    'invoices' as source_object,
    -- The person who ordered is the customer; where the invoice names nobody, the company is.
    'erp:business_partners:' || coalesce(contact_no, partner_no) as customer_record_key,
    invoiced_at as ordered_at,
    currency,
    case status when 'open' then 'pending' else status end as order_status,
    'erp' as channel
from newest
