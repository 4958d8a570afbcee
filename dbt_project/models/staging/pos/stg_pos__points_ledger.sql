with newest as (
    {{ newest_version(source('pos', 'points_ledger'), ['流水号'], '发生时间') }}
)

select
    {{ titled('流水号') }} as source_id,
    'pos' as source_system,
    'points_ledger' as source_object,
    'pos:members:' || {{ titled('会员号') }} as customer_record_key,
    'pos' as channel,
    case {{ titled('变动类型') }}
        when '获得' then 'points_earned'
        when '兑换' then 'points_redeemed'
        when '过期' then 'points_expired'
        else {{ titled('变动类型') }}
    end as interaction_type,
    -- Points expire by the programme's rules, all else is done by the member.
    case when {{ titled('变动类型') }} = '过期' then 'outbound' else 'inbound' end as direction,
    {{ titled('发生时间') }} as occurred_at,
    {{ titled('备注') }} as subject,
    cast({{ titled('变动积分') }} as varchar) as outcome,
    case when {{ titled('小票号') }} is not null then 'pos:tickets:' || {{ titled('小票号') }} end as related_order_key,
    {{ titled('变动积分') }} as points,
    {{ titled('余额') }} as points_balance
from newest
