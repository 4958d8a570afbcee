with newest as (
    {{ newest_version(source('campaigns', 'coupons'), ['coupon_code']) }}
)

select
    coupon_code,
    campaign_id,
    {{ campaign_customer_key() }} as customer_record_key,
    issued_at,
    redeemed_at,
    redeemed_in,
    case redeemed_in
        when 'web' then 'web_shop:orders:' || order_no
        when 'store' then 'pos:tickets:' || order_no
    end as order_key
from newest
