select
    channel,
    label,
    label_zh
from {{ ref('channel_codes') }}
order by channel
