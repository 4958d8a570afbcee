select
    membership.record_key,
    membership.period,
    membership.golden_id,
    redirect.current_golden_id,
    membership.valid_from,
    membership.valid_to,
    membership.from_run,
    membership.to_run
from {{ source('linkage', 'golden_id_membership') }} as membership
inner join {{ source('linkage', 'golden_id_redirects') }} as redirect on membership.golden_id = redirect.golden_id
order by membership.record_key, membership.period
