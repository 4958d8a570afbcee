with newest as (
    {{ newest_version(source('zoho_crm', 'accounts'), ['Record Id'], 'Modified Time') }}
)

select
    {{ titled('Record Id') }} as source_id,
    'zoho_crm' as source_system,
    'accounts' as source_object,
    {{ titled('Modified Time') }} as source_updated_at,
    'organization' as party_type,
    {{ titled('Account Name') }} as company_name,
    {{ titled('USCC') }} as company_id,
    {{ titled('Industry') }} as industry_code,
    {{ titled('Phone') }} as phone,
    {{ titled('Billing Street') }} as street,
    {{ titled('Billing City') }} as city,
    {{ titled('Billing State') }} as region,
    {{ titled('Billing Code') }} as postcode,
    {{ titled('Billing Country') }} as country,
    '{{ var("home_country") }}' as default_country
from newest
