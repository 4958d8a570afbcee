select
    campaign_key,
    source_system,
    source_id as campaign_id,
    campaign_name,
    campaign_name_zh,
    channel,
    offer,
    start_date,
    end_date,
    budget,
    budget_currency
from {{ ref('std_campaigns') }}
order by campaign_key
