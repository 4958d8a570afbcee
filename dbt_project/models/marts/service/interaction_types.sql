select
    interaction_type,
    label,
    label_zh
from {{ ref('interaction_type_codes') }}
order by interaction_type
