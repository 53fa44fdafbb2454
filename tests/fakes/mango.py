"""A Mango Office account of the tests: its key and salt, the manual's summary, its signed form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from services.ingest.adapters.telephony.mango import MangoOffice, sign
from services.ingest.domain.address import LinkRules
from services.ingest.domain.mango import MangoRules

KEY, SALT = "0000000000000000000000000000demo", "11111111111111111111111111111salt"
SUMMARY = (
    '{"entry_id":"MDAwMDAwMDAwMQ==","call_direction":1,"from":{"number":"79000000001"},"to":{"extension":"101",'
    '"number":"sip:user101@demo.example"},"line_number":"74950000000","create_time":1778739307,'
    '"forward_time":1778739310,"talk_time":1778739318,"end_time":1778739360,"entry_result":1,"disconnect_reason":1110}'
)
LEG = {
    "entry_id": "MDAwMDAwMDAwMQ==",
    "call_id": "MToxMDAw",
    "timestamp": 1778739360,
    "seq": 3,
    "call_state": "Disconnected",
    "location": "abonent",
    "from": {"number": "79000000001", "taken_from_call_id": "MTow"},
    "to": {"extension": "101", "number": "sip:user101@demo.example", "line_number": "74950000000", "acd_group": "303"},
    "disconnect_reason": 1110,
    "dct": {"number": "74950000009", "type": 1},
}
ADDED = {
    "entry_id": "MDAwMDAwMDAwMQ==",
    "product_id": 300000001,
    "user_id": -1,
    "timestamp": 1778739420,
    "recording_id": "MToxMDAwMDox",
}


def mango(**rules: Any) -> MangoOffice:
    nowhere = LinkRules(hosts=())
    return MangoOffice(
        key=KEY, salt=SALT, rules=MangoRules(**rules), api_url="https://api.example/vpbx",
        api_links=nowhere, file_links=nowhere, shelf=None,
    )  # fmt: skip


def form(text: str, signature: str | None = None, key: str = KEY) -> bytes:
    signature = sign(KEY, text.encode(), SALT) if signature is None else signature
    return urlencode({"vpbx_api_key": key, "sign": signature, "json": text}).encode()
