-- Name parts come from one source record, and so do address parts.
select
    golden_id,
    attribute_group
from {{ ref('golden_value_origins') }}
group by golden_id, attribute_group
having count(distinct record_key) > 1
