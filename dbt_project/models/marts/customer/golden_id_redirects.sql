select
    redirect.golden_id,
    redirect.current_golden_id,
    issued.status,
    issued.created_run,
    issued.created_at
from {{ source('linkage', 'golden_ids') }} as issued
inner join {{ source('linkage', 'golden_id_redirects') }} as redirect on issued.golden_id = redirect.golden_id
order by redirect.golden_id
