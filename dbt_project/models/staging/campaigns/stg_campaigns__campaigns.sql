with newest as (
    {{ newest_version(source('campaigns', 'campaigns'), ['campaign_id']) }}
)

select
    'campaigns:campaigns:' || campaign_id as campaign_key,
    campaign_id,
    name as campaign_name,
    name_zh as campaign_name_zh,
    channel,
    offer,
    start_date,
    end_date,
    budget,
    budget_currency
from newest
