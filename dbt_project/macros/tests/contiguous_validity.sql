{# Periods [valid_from, valid_to) of a partition follow one another without gap or overlap, and the last one is open. #}
{% test contiguous_validity(model, partition_by) %}
    with period as (
        select
            *,
            lead(valid_from) over (partition by {{ partition_by | join(', ') }} order by valid_from) as next_valid_from
        from {{ model }}
    )

    select *
    from period
    where valid_to is distinct from next_valid_from or valid_to <= valid_from
{% endtest %}
