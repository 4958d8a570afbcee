select
    record_key,
    golden_id,
    nearest_record_key,
    cast(match_weight as double) as match_weight,
    match_rule,
    linked_by,
    case linked_by
        when 'decision' then '人工裁决'
        when 'rule' then '确定性规则'
        when 'contact' then '唯一使用该联系方式的客户'
        when 'evidence' then '综合证据'
    end as linked_by_zh,
    strongest_comparisons,
    opposing_comparisons
from {{ source('linkage', 'cluster_paths') }}
order by record_key
