select
    golden_id,
    attribute,
    attribute_group,
    value,
    rule,
    source_system,
    source_object,
    source_id,
    record_key,
    source_updated_at
from {{ ref('golden_value_origins') }}
where attribute not in ('{{ unpublished_attributes() | join("', '") }}')
order by golden_id, attribute
