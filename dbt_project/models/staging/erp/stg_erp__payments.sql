with newest as (
    {{ newest_version(source('erp', 'payments'), ['payment_no'], 'updated_at') }}
)

select
    payment_no as source_id,
    'erp' as source_system,
    'payments' as source_object,
    'erp:business_partners:' || partner_no as customer_record_key,
    'erp' as channel,
    'payment' as interaction_type,
    'inbound' as direction,
    paid_at as occurred_at,
    method as subject,
    status as outcome,
    'erp:invoices:' || invoice_no as related_order_key
from newest
