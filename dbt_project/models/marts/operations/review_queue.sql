with customer as (
    select
        golden_id,
        count(*) as record_count
    from {{ ref('golden_xref') }}
    group by golden_id
),

record as (
    select
        std.record_key,
        std.party_type,
        coalesce(std.full_name, std.company_name) as name,
        std.birth_date,
        std.city,
        lower(std.email) as email,
        std.phone,
        golden_xref.golden_id,
        customer.record_count
    from {{ ref('std_customer_records') }} as std
    inner join {{ ref('golden_xref') }} as golden_xref on std.record_key = golden_xref.record_key
    inner join customer on golden_xref.golden_id = customer.golden_id
),

record_orders as (
    select
        customer_record_key as record_key,
        count(*) as order_count,
        sum(net_revenue) as revenue
    from {{ ref('fct_orders') }}
    where is_paid and customer_record_key is not null
    group by customer_record_key
),

customer_orders as (
    select
        golden_xref.golden_id,
        sum(record_orders.order_count) as order_count,
        sum(record_orders.revenue) as revenue
    from record_orders
    inner join {{ ref('golden_xref') }} as golden_xref on record_orders.record_key = golden_xref.record_key
    group by golden_xref.golden_id
),

pair as (
    select
        candidate.record_key_l,
        candidate.record_key_r,
        candidate.reason,
        candidate.match_weight,
        1 / (1 + power(2, -candidate.match_weight)) as match_probability,
        l.party_type,
        l.golden_id as golden_id_l,
        r.golden_id as golden_id_r,
        l.golden_id = r.golden_id as is_same_customer,
        l.name as name_l,
        r.name as name_r,
        l.birth_date as birth_date_l,
        r.birth_date as birth_date_r,
        l.city as city_l,
        r.city as city_r,
        l.email = r.email as is_same_email,
        l.phone = r.phone as is_same_phone,
        l.record_count as record_count_l,
        r.record_count as record_count_r
    from {{ source('linkage', 'review_candidates') }} as candidate
    inner join record as l on candidate.record_key_l = l.record_key
    inner join record as r on candidate.record_key_r = r.record_key
),

-- What stands on either side of the decision: two customers, or two records of one.
side as (
    select
        pair.*,
        case when pair.is_same_customer then 1 else pair.record_count_l end as records_l,
        case when pair.is_same_customer then 1 else pair.record_count_r end as records_r,
        coalesce(case when pair.is_same_customer then record_l.order_count else customer_l.order_count end, 0) as orders_l,
        coalesce(case when pair.is_same_customer then record_r.order_count else customer_r.order_count end, 0) as orders_r,
        coalesce(case when pair.is_same_customer then record_l.revenue else customer_l.revenue end, 0) as revenue_l,
        coalesce(case when pair.is_same_customer then record_r.revenue else customer_r.revenue end, 0) as revenue_r
    from pair
    left join record_orders as record_l on pair.record_key_l = record_l.record_key
    left join record_orders as record_r on pair.record_key_r = record_r.record_key
    left join customer_orders as customer_l on pair.golden_id_l = customer_l.golden_id
    left join customer_orders as customer_r on pair.golden_id_r = customer_r.golden_id
),

lesser as (
    select
        *,
        (records_l, orders_l, revenue_l) <= (records_r, orders_r, revenue_r) as is_l_lesser
    from side
),

-- Joining moves the lesser customer into the other; parting takes at least the lesser record out of its customer.
effect as (
    select
        *,
        case when is_l_lesser then records_l else records_r end as records_moved,
        case when is_l_lesser then orders_l else orders_r end as orders_moved,
        case when is_l_lesser then revenue_l else revenue_r end as revenue_moved,
        case when is_same_customer then 1 - match_probability else match_probability end as chance_of_error
    from lesser
)

select
    row_number() over (
        order by
            effect.chance_of_error * abs(effect.revenue_moved) desc,
            effect.chance_of_error * effect.records_moved desc,
            abs(effect.match_weight) asc,
            effect.record_key_l asc,
            effect.record_key_r asc
    ) as review_rank,
    effect.record_key_l,
    effect.record_key_r,
    effect.party_type,
    effect.golden_id_l,
    effect.golden_id_r,
    effect.is_same_customer,
    effect.reason,
    codes.reason_zh,
    cast(effect.match_weight as double) as match_weight,
    cast(effect.match_probability as double) as match_probability,
    cast(effect.chance_of_error as double) as chance_of_error,
    case
        when codes.suggestion = 'no_match' then 'no_match'
        when codes.suggestion = 'present_state' and effect.is_same_customer then 'match'
        when codes.suggestion = 'present_state' then 'no_match'
    end as suggested_decision,
    cast(effect.records_moved as bigint) as records_moved,
    cast(effect.orders_moved as bigint) as orders_moved,
    cast(effect.revenue_moved as decimal(18, 2)) as revenue_moved,
    cast('{{ var("reporting_currency") }}' as varchar) as currency,
    effect.name_l,
    effect.name_r,
    effect.birth_date_l,
    effect.birth_date_r,
    effect.city_l,
    effect.city_r,
    effect.is_same_email,
    effect.is_same_phone
from effect
left join {{ ref('review_reason_codes') }} as codes on effect.reason = codes.reason
order by review_rank
