"""Generated from events/review-status-changed.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

ReviewStatusChangedV1 = TypedDict(
    'ReviewStatusChangedV1',
    {
        'call_id': str,
        'from': Literal['unclassified', 'auto_classified', 'manually_classified', 'listening_for_advice', 'listening_counted', 'listening_uncounted', 'evaluated_pending', 'evaluated_appealed', 'approved_training', 'approved_evaluated', 'approved_overturned'] | None,
        'to': Literal['unclassified', 'auto_classified', 'manually_classified', 'listening_for_advice', 'listening_counted', 'listening_uncounted', 'evaluated_pending', 'evaluated_appealed', 'approved_training', 'approved_evaluated', 'approved_overturned'],
        'action': str,
        'version': int,
        'actor_role': Literal['seller', 'mentor', 'controller', 'head', 'analyst', 'admin', 'system'],
        'actor_id': str | None,
        'seller_id': NotRequired[str | None],
        'department_id': NotRequired[str | None],
        'changed_at': str,
    },
)
