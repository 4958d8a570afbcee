with newest as (
    {{ newest_version(source('web_shop', 'reviews'), ['review_id'], 'created_at') }}
)

select
    review_id as source_id,
    'web_shop' as source_system,
    'reviews' as source_object,
    case when customer_id is not null then 'web_shop:customers:' || customer_id end as customer_record_key,
    'web_shop' as channel,
    'review' as interaction_type,
    'inbound' as direction,
    created_at as occurred_at,
    title as subject,
    -- Stars for the article: which types of touch tell of satisfaction with the company, csat_interaction_types says.
    case when rating between 1 and 5 then rating end as satisfaction,
    case when order_id is not null then 'web_shop:orders:' || order_id end as related_order_key,
    sku as product_key,
    rating,
    text as review_text,
    language
from newest
