-- Each of the 125 codes has exactly one segment, and there is no other code.
with score as (
    {%- for score in range(1, 6) %}
    select '{{ score }}' as score
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

code as (
    select r.score || f.score || m.score as rfm_code
    from score as r
    cross join score as f
    cross join score as m
)

select
    coalesce(code.rfm_code, segment.rfm_code) as rfm_code,
    count(code.rfm_code) as known,
    count(segment.rfm_code) as segments
from code
full join {{ ref('rfm_segments') }} as segment on code.rfm_code = segment.rfm_code
group by coalesce(code.rfm_code, segment.rfm_code)
having count(code.rfm_code) != 1 or count(segment.rfm_code) != 1
