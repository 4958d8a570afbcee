-- A pinned date is a date and a pinned consent is true or false; what is not would stop the golden record.
select
    record_key,
    attribute
from {{ ref('steward_pins') }}
where value is not null
    and (
        {%- for attribute, type in customer_attributes().items() if type != 'varchar' %}
        (attribute = '{{ attribute }}' and try_cast(value as {{ type }}) is null)
        {%- if not loop.last %} or{% endif %}
        {%- endfor %}
    )
