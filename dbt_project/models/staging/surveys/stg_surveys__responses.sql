with newest as (
    {{ newest_version(source('surveys', 'responses'), ['答卷编号 Response ID'], '提交时间 Submitted') }}
),

response as (
    select
        {{ titled('答卷编号 Response ID') }} as response_id,
        {{ titled('问卷 Survey') }} as survey_name,
        upper(trim({{ titled('类型 Type') }})) as survey_type,
        upper(trim({{ titled('客户编号 Customer No') }})) as customer_number,
        {{ titled('评分 Score') }} as score,
        {{ titled('意见 Comment') }} as comment_text,
        {{ titled('离开原因 Reason for leaving') }} as leaving_reason,
        {{ titled('提交时间 Submitted') }} as submitted_at
    from newest
)

-- The number in the link of the invitation tells by its first letter which system knows the customer; without one the
-- answer is anonymous. A recommendation score from 0 to 10 is no satisfaction: it would pass for one up to 5.
select
    response_id as source_id,
    'surveys' as source_system,
    'responses' as source_object,
    case left(customer_number, 1)
        when 'C' then 'web_shop:customers:' || customer_number
        when 'M' then 'pos:members:' || customer_number
        when 'R' then 'service_desk:requesters:' || customer_number
    end as customer_record_key,
    'survey' as channel,
    case survey_type
        when 'CSAT' then 'csat_response'
        when 'NPS' then 'nps_response'
        when 'EXIT' then 'churn_reason'
        else lower(survey_type)
    end as interaction_type,
    'inbound' as direction,
    submitted_at as occurred_at,
    coalesce(comment_text, survey_name) as subject,
    case survey_type
        when 'NPS' then case when score between 0 and 10 then cast(score as varchar) end
        when 'EXIT' then leaving_reason
    end as outcome,
    case when survey_type = 'CSAT' and score between 1 and 5 then score end as satisfaction
from response
