-- Every published mart says in mart_needs what it needs, and nothing stands there that is no mart.
with mart as (
    {%- set names = [] %}
    {%- if execute %}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.schema == 'marts' %}
            {%- do names.append(node.name) %}
        {%- endfor %}
    {%- endif %}
    {%- for name in names | sort %}
    select '{{ name }}' as mart
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select cast(null as varchar) as mart
    {%- endfor %}
),

stated as (
    select distinct mart from {{ ref('mart_needs') }}
)

select
    mart.mart as mart_without_needs,
    stated.mart as needs_of_no_mart
from mart
full join stated on mart.mart = stated.mart
where mart.mart is null or stated.mart is null
