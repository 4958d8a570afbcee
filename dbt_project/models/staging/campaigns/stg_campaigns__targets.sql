with newest as (
    {{ newest_version(source('campaigns', 'targets'), ['target_id']) }}
)

select
    target_id,
    campaign_id,
    {{ campaign_customer_key() }} as customer_record_key,
    lower(trim({{ titled('group') }})) as target_group,
    sent_at
from newest
