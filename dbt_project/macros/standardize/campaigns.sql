{# Record key of a customer in the campaign tool, which names either a contact of the CRM or a member of the POS. #}
{% macro campaign_customer_key() -%}
    case
        when contact_id is not null then 'zoho_crm:contacts:' || contact_id
        when member_no is not null then 'pos:members:' || member_no
    end
{%- endmacro %}
