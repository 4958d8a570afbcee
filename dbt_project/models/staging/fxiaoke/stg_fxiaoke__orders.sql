with newest as (
    {{ newest_version(source('fxiaoke', 'orders'), ['唯一性ID'], '最后修改时间') }}
)

select
    {{ titled('唯一性ID') }} as source_id,
    'fxiaoke' as source_system,
    'orders' as source_object,
    -- The person who ordered is the customer; where the order names nobody, the company is.
    coalesce(
        'fxiaoke:contacts:' || {{ titled('收货人ID') }}, 'fxiaoke:accounts:' || {{ titled('客户ID') }}
    ) as customer_record_key,
    -- A day in China without a time: it stays this day, whatever the time zone of the reader.
    cast({{ titled('下单日期') }} as timestamp) as ordered_at,
    {{ titled('币种') }} as currency,
    case
        when {{ titled('生命状态') }} = '作废' then 'cancelled'
        when {{ titled('已回款金额') }} >= {{ titled('销售订单金额') }} then 'paid'
        else 'pending'
    end as order_status,
    'crm' as channel
from newest
