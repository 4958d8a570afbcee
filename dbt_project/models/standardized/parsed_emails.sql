-- depends_on: {{ ref('skip_values') }}
{{ config(
    materialized='incremental', unique_key='email_key', on_schema_change='sync_all_columns',
    post_hook="{{ forget_undelivered('email_key', ['email_key']) }}"
) }}

with delivered as (
    {{ distinct_values('email_key', ['email']) }}
),

parsed as (
    select
        email_key,
        parse_email(email) as parts,
        {{ is_skip_value(clean_text('email'), 'email') }} as is_skip_value
    from delivered
    where {{ is_new_value('email_key') }}
),

judged as (
    select
        parsed.*,
        parsed.is_skip_value or {{ is_skip_value('parsed.parts.email', 'email') }} as is_placeholder
    from parsed
)

-- noqa: disable=RF03,AL09
select
    email_key,
    case when not is_placeholder then parts.email end as email,
    case when not is_placeholder then parts.email_mailbox end as email_mailbox,
    case when not is_placeholder then parts.email_domain end as email_domain,
    case when not is_placeholder then parts.email_provider end as email_provider,
    case when not is_placeholder then parts.is_role_mailbox end as is_role_mailbox,
    case when not is_placeholder then parts.is_disposable_mailbox end as is_disposable_mailbox,
    {{ with_rule('parts.rules', 'is_placeholder', 'placeholder') }} as rules,
    standardization_version() as standardization_version
from judged
