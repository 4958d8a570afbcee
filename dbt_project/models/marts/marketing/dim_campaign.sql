select
    campaign_key,
    campaign_id,
    campaign_name,
    campaign_name_zh,
    lower(trim(channel)) as channel,
    offer,
    start_date,
    end_date,
    cast(budget as decimal(18, 2)) as budget,
    upper(trim(budget_currency)) as budget_currency
from {{ ref('stg_campaigns__campaigns') }}
order by campaign_key
