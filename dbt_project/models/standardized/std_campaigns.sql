{%- set columns = {
    'source_system': 'varchar', 'source_object': 'varchar', 'source_id': 'varchar', 'campaign_name': 'varchar',
    'campaign_name_zh': 'varchar', 'channel': 'varchar', 'offer': 'varchar', 'start_date': 'date', 'end_date': 'date',
    'budget': 'decimal(18, 2)', 'budget_currency': 'varchar',
} -%}
with delivered as (
    {{ union_staging_models(var('campaign_models'), columns) }}
)

select
    delivered.source_system || ':' || delivered.source_object || ':' || delivered.source_id as campaign_key,
    delivered.source_system,
    delivered.source_object,
    delivered.source_id,
    {{ clean_text('delivered.campaign_name') }} as campaign_name,
    {{ clean_text('delivered.campaign_name_zh') }} as campaign_name_zh,
    coalesce(channels.standard_value, lower(trim(delivered.channel))) as channel,
    {{ clean_text('delivered.offer') }} as offer,
    delivered.start_date,
    delivered.end_date,
    delivered.budget,
    upper(trim(delivered.budget_currency)) as budget_currency
from delivered
left join {{ ref('code_values') }} as channels
    on lower(trim(delivered.channel)) = channels.source_value and channels.code_list = 'channel'
