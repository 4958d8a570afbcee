with newest as (
    {{ newest_version(source('campaigns', 'campaigns'), ['campaign_id']) }}
)

select
    campaign_id as source_id,
    'campaigns' as source_system,
    'campaigns' as source_object,
    name as campaign_name,
    name_zh as campaign_name_zh,
    channel,
    offer,
    start_date,
    end_date,
    budget,
    budget_currency
from newest
