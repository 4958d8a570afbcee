select
    model_version,
    status,
    trained_at,
    compared_with,
    customers,
    customers_kept,
    customers_merged,
    customers_split,
    customers_moved,
    changed_share,
    estimated_precision,
    estimated_recall,
    measured_precision,
    measured_recall,
    records,
    profile,
    decided_by,
    decided_at,
    reason
from {{ source('linkage', 'model_history') }}
order by model_version
