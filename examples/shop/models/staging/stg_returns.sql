select
    return_id,
    item_id as order_item_id,
    returned_on,
    quantity as returned_quantity,
    {{ cents_to_usd('refund_cents') }} as refund_usd,
    reason as return_reason,
    case when reason in ('damaged', 'wrong_item', 'late') then true else false end as is_our_fault
from {{ ref('raw_returns') }}
