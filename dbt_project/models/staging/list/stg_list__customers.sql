{{ config(enabled=var('deduplicate_list', false)) }}

select * from {{ source('list', 'customers') }}
