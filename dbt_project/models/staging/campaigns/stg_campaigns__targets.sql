with newest as (
    {{ newest_version(source('campaigns', 'targets'), ['target_id']) }}
)

select
    target_id,
    'campaigns:campaigns:' || campaign_id as campaign_key,
    {{ campaign_customer_key() }} as customer_record_key,
    lower(trim({{ titled('group') }})) as target_group,
    sent_at
from newest
