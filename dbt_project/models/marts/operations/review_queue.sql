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

-- Joining two customers moves the one with fewer records; parting a customer moves at least one of the two records.
effect as (
    select
        pair.*,
        case when pair.is_same_customer then 1 else least(pair.record_count_l, pair.record_count_r) end as records_moved,
        case
            when pair.is_same_customer
                then least(coalesce(record_l.order_count, 0), coalesce(record_r.order_count, 0))
            when pair.record_count_l < pair.record_count_r then coalesce(customer_l.order_count, 0)
            when pair.record_count_l > pair.record_count_r then coalesce(customer_r.order_count, 0)
            else least(coalesce(customer_l.order_count, 0), coalesce(customer_r.order_count, 0))
        end as orders_moved,
        case
            when pair.is_same_customer
                then least(coalesce(record_l.revenue, 0), coalesce(record_r.revenue, 0))
            when pair.record_count_l < pair.record_count_r then coalesce(customer_l.revenue, 0)
            when pair.record_count_l > pair.record_count_r then coalesce(customer_r.revenue, 0)
            else least(coalesce(customer_l.revenue, 0), coalesce(customer_r.revenue, 0))
        end as revenue_moved,
        case when pair.is_same_customer then 1 - pair.match_probability else pair.match_probability end as chance_of_error
    from pair
    left join record_orders as record_l on pair.record_key_l = record_l.record_key
    left join record_orders as record_r on pair.record_key_r = record_r.record_key
    left join customer_orders as customer_l on pair.golden_id_l = customer_l.golden_id
    left join customer_orders as customer_r on pair.golden_id_r = customer_r.golden_id
)

select
    row_number() over (
        order by
            effect.chance_of_error * abs(effect.revenue_moved) desc,
            effect.chance_of_error * effect.records_moved desc,
            abs(effect.match_weight),
            effect.record_key_l,
            effect.record_key_r
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
