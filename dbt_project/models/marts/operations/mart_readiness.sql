-- Of customers counts what hangs on a record that has a golden ID: a mart per customer shows nothing else.
with delivered as (
    select
        'deliveries' as need,
        count(*) as row_count
    from {{ source('raw', 'load_log') }}
    where status in ('loaded', 'replaced')
    union all
    select
        'reference_data' as need,
        (select count(*) from {{ ref('channel_codes') }})
        + (select count(*) from {{ ref('interaction_type_codes') }})
        + (select count(*) from {{ ref('mart_needs') }}) as row_count
    union all
    select
        'customer_records' as need,
        count(*) as row_count
    from {{ ref('golden_xref') }}
    union all
    select
        'customer_records_ever' as need,
        count(*) as row_count
    from {{ source('linkage', 'golden_ids') }}
    union all
    select
        'orders' as need,
        count(*) as row_count
    from {{ ref('std_orders') }}
    union all
    select
        'customer_orders' as need,
        count(*) as row_count
    from {{ ref('std_orders') }} as orders
    inner join {{ ref('golden_xref') }} as xref on orders.customer_record_key = xref.record_key
    union all
    select
        'order_lines' as need,
        count(*) as row_count
    from {{ ref('std_order_lines') }}
    union all
    select
        'interactions' as need,
        count(*) as row_count
    from {{ ref('std_interactions') }}
    union all
    select
        'interactions_or_orders' as need,
        (select count(*) from {{ ref('std_interactions') }})
        + (select count(*) from {{ ref('std_orders') }}) as row_count
    union all
    select
        'customer_interactions' as need,
        count(*) as row_count
    from {{ ref('std_interactions') }} as interactions
    inner join {{ ref('golden_xref') }} as xref on interactions.customer_record_key = xref.record_key
    union all
    select
        'satisfaction' as need,
        count(interactions.satisfaction) as row_count
    from {{ ref('std_interactions') }} as interactions
    inner join {{ ref('golden_xref') }} as xref on interactions.customer_record_key = xref.record_key
    where {{ is_csat('interactions') }}
    union all
    select
        'consents' as need,
        count(*) as row_count
    from {{ ref('std_consents') }} as consents
    inner join {{ ref('golden_xref') }} as xref on consents.record_key = xref.record_key
    union all
    select
        'attributes' as need,
        count(*) as row_count
    from {{ ref('std_customer_attributes') }} as attributes
    inner join {{ ref('golden_xref') }} as xref on attributes.record_key = xref.record_key
    union all
    select
        'people_of_organisations' as need,
        count(*) as row_count
    from {{ ref('organisation_people') }}
    union all
    select
        'shared_homes' as need,
        count(*) as row_count
    from {{ ref('household_pairs') }}
    union all
    select
        'relationships' as need,
        (select count(*) from {{ ref('organisation_people') }})
        + (select count(*) from {{ ref('household_pairs') }}) as row_count
    union all
    select
        'identified_visitors' as need,
        count(golden_id) as row_count
    from {{ ref('visitor_identifications') }}
    union all
    select
        'campaigns' as need,
        count(*) as row_count
    from {{ ref('std_campaigns') }}
    union all
    select
        'linked_records' as need,
        count(*) as row_count
    from {{ source('linkage', 'cluster_paths') }}
    union all
    select
        'pairs_in_doubt' as need,
        count(*) as row_count
    from {{ source('linkage', 'review_candidates') }}
)

select
    mart_needs.mart,
    mart_needs.need,
    mart_needs.is_essential,
    coalesce(delivered.row_count > 0, false) as is_met,
    delivered.row_count,
    case
        when delivered.row_count = 0
            then
                'No ' || data_needs.label || ' were delivered, so ' || mart_needs.holds_without || '. They come from '
                || data_needs.delivered_by || '.'
    end as note_en,
    case
        when delivered.row_count = 0
            then
                '没有收到' || data_needs.label_zh || '，因此' || mart_needs.holds_without_zh || '。'
                || '可提供该数据的来源：' || data_needs.delivered_by_zh || '。'
    end as note_zh
from {{ ref('mart_needs') }} as mart_needs
left join {{ ref('data_needs') }} as data_needs on mart_needs.need = data_needs.need
left join delivered on mart_needs.need = delivered.need
order by mart_needs.mart, mart_needs.need
