{# Money arrives as whole cents and is shown as dollars with two decimals. #}
{% macro cents_to_usd(column_name) -%}
cast({{ column_name }} / 100.0 as decimal(12, 2))
{%- endmacro %}
