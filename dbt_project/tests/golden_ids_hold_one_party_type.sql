-- A contact of a company is never the company: no customer is a person in one record and an organisation in another.
select
    xref.golden_id,
    count(distinct records.party_type) as party_types
from {{ ref('golden_xref') }} as xref
inner join {{ ref('std_customer_records') }} as records on xref.record_key = records.record_key
group by xref.golden_id
having count(distinct records.party_type) > 1
