-- People belong to organisations, and people share homes; nothing else is related.
select
    relationship.golden_id,
    relationship.related_golden_id,
    relationship.relationship
from {{ ref('customer_relationships') }} as relationship
inner join {{ ref('dim_customer') }} as one on relationship.golden_id = one.golden_id
inner join {{ ref('dim_customer') }} as other on relationship.related_golden_id = other.golden_id
where
    one.party_type != 'person'
    or other.party_type != case when relationship.relationship = 'household' then 'person' else 'organization' end
