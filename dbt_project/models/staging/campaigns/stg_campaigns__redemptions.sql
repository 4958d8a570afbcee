select
    coupon_code as source_id,
    'campaigns' as source_system,
    'coupons' as source_object,
    customer_record_key,
    redeemed_in as channel,
    'coupon_redeemed' as interaction_type,
    'inbound' as direction,
    redeemed_at as occurred_at,
    coupon_code as subject,
    order_key as related_order_key,
    case when campaign_id is not null then 'campaigns:campaigns:' || campaign_id end as campaign_key
from {{ ref('stg_campaigns__coupons') }}
where redeemed_at is not null
