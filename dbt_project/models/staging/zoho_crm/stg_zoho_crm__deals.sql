with newest as (
    {{ newest_version(source('zoho_crm', 'deals'), ['Record Id'], 'Modified Time') }}
)

select
    {{ titled('Record Id') }} as source_id,
    'zoho_crm' as source_system,
    'deals' as source_object,
    -- A deal without a contact is one with the company as such.
    coalesce(
        'zoho_crm:contacts:' || {{ titled('Contact Name.id') }}, 'zoho_crm:accounts:' || {{ titled('Account Name.id') }}
    ) as customer_record_key,
    'crm' as channel,
    'deal' as interaction_type,
    'outbound' as direction,
    {{ titled('Created Time') }} as occurred_at,
    {{ titled('Deal Name') }} as subject,
    {{ titled('Stage') }} as outcome,
    'zoho_crm:' || {{ titled('Deal Owner.id') }} as account_manager_key,
    {{ titled('Amount') }} as amount,
    {{ titled('Currency') }} as currency,
    {{ titled('Probability (%)') }} as probability_percent,
    {{ titled('Closing Date') }} as closing_date,
    {{ titled('Reason For Loss') }} as loss_reason
from newest
