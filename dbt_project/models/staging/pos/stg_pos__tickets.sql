with newest as (
    {{ newest_version(source('pos', 'tickets'), ['小票号'], '销售时间') }}
)

select
    {{ titled('小票号') }} as source_id,
    'pos' as source_system,
    'tickets' as source_object,
    case when {{ titled('会员号') }} is not null then 'pos:members:' || {{ titled('会员号') }} end as customer_record_key,
    {{ titled('销售时间') }} as ordered_at,
    {{ titled('币种') }} as currency,
    'paid' as order_status,
    'store' as channel,
    {{ titled('门店') }} as store_code
from newest
