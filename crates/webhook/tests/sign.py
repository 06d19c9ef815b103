"""Signs callbacks with each provider's own library, and has the library accept what it signed.

Prints one JSON array of callbacks: provider, base and query of the URL, headers, body, keys.
"""

import base64
import hashlib
import json
import time
from datetime import datetime, timezone
from urllib.parse import urlencode

import jwt
import requests.auth
from nacl.signing import SigningKey
from plivo.utils import signature_v3 as plivo
from standardwebhooks.webhooks import Webhook
from telnyx.lib.webhook_verification import verify_webhook_signature
from twilio.request_validator import RequestValidator
from vonage_jwt import verify_signature

NOW = int(time.time())
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
JSON = "application/json"
BASE = "https://calls.example.com/hooks/main"
PORT = "https://calls.example.com:443/hooks/main"

callbacks = []


def add(provider, keys, headers, body, base=BASE, query="", kind=JSON):
    callbacks.append({
        "provider": provider, "keys": keys, "base": base, "query": query, "body": body,
        "headers": {"content-type": kind, **headers},
    })


class Multi(dict):
    """A form with several values of one name, as Django hands it over."""

    def getlist(self, name):
        return self[name]


def twilio():
    token = "12345678901234567890123456789012"
    validator = RequestValidator(token)
    params = {
        "AccountSid": "AC0123", "CallSid": "CA0123", "RecordingSid": "RE0123",
        "RecordingStatus": "completed", "From": "+15550100", "CallerName": "Zoë שלום & co",
        "RecordingUrl": "https://api.twilio.com/2010-04-01/Accounts/AC0123/Recordings/RE0123",
    }
    for provider in ("twilio", "signalwire"):
        signature = validator.compute_signature(BASE, params)
        assert validator.validate(BASE, params, signature)
        add(provider, {"token": token}, {"x-twilio-signature": signature}, urlencode(params), kind=FORM)
    # The library signs either spelling of the port; so do we.
    signature = validator.compute_signature(PORT, params)
    add("twilio", {"token": token}, {"x-twilio-signature": signature}, urlencode(params), kind=FORM)
    # With a query, and a token that is about to be replaced.
    signature = validator.compute_signature(BASE + "?team=a%20b&x=1", params)
    add("twilio", {"token": "f" * 32, "previous": token}, {"x-twilio-signature": signature},
        urlencode(params), query="team=a%20b&x=1", kind=FORM)
    # Several values of one name: the distinct ones, sorted.
    many = Multi({"CallSid": ["CA1"], "MediaUrl": ["https://b", "https://a", "https://b"]})
    signature = validator.compute_signature(BASE, many)
    body = urlencode(many, doseq=True)
    add("twilio", {"token": token}, {"x-twilio-signature": signature}, body, kind=FORM)
    # JSON.
    body = json.dumps({"CallSid": "CA1", "From": "+15550100"})
    query = "bodySHA256=" + validator.compute_hash(body)
    signature = validator.compute_signature(f"{BASE}?{query}", {})
    assert validator.validate(f"{BASE}?{query}", body, signature)
    add("twilio", {"token": token}, {"x-twilio-signature": signature}, body, query=query)
    # A named key.
    named = RequestValidator("a secret of its own for webhooks")
    signature = named.compute_signature(BASE, params, "HMAC_SHA256")
    settings = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256"
    add("twilio", {"token": token, "named": "webhooks_sharedkey_01", "named_secret": named.token.decode()},
        {"x-twilio-signature": signature, "x-twilio-webhooks-signature-settings": settings},
        urlencode(params), kind=FORM)


def ed25519():
    private = SigningKey.generate()
    return private, base64.b64encode(bytes(private.verify_key)).decode()


def telnyx():
    private, public = ed25519()
    body = json.dumps({"data": {"event_type": "call.recording.saved", "id": "0ccc7b54"}})
    form = urlencode({"CallSid": "v3:abc", "RecordingStatus": "completed"})
    for body, kind in ((body, JSON), (form, FORM)):
        signature = base64.b64encode(private.sign(f"{NOW}|{body}".encode()).signature).decode()
        headers = {"telnyx-signature-ed25519": signature, "telnyx-timestamp": str(NOW)}
        verify_webhook_signature(body, headers, public)
        add("telnyx", {"public_key": public}, headers, body, kind=kind)


def plivo_v3():
    token = "an auth token of forty characters, about"
    params = {"CallUUID": "c-1", "RecordUrl": "https://media.plivo.com/a.mp3", "RecordingDuration": "12"}
    nonce = "12345678901234567890"
    for query in ("", "b=2&a=1"):
        url = f"{BASE}?{query}" if query else BASE
        text = plivo.construct_post_url(url, params).decode()
        signature = plivo.get_signature_v3(token, text, nonce).decode()
        assert plivo.validate_v3_signature("POST", url, nonce, token, signature, params)
        add("plivo", {"token": token}, {
            "x-plivo-signature-v3": f"AAAA,{signature}", "x-plivo-signature-v3-nonce": nonce,
        }, urlencode(params), query=query, kind=FORM)
        add("plivo", {"token": token}, {
            "x-plivo-signature-ma-v3": signature, "x-plivo-signature-v3-nonce": nonce,
        }, urlencode(params), query=query, kind=FORM)


def vonage():
    secret = "a signature secret of thirty-two"
    body = json.dumps({"recording_url": "https://api.nexmo.com/v1/files/a", "recording_uuid": "a"})
    claims = {
        "iat": NOW, "jti": "1", "iss": "Vonage", "api_key": "a1b2c3d4", "application_id": "app",
        "payload_hash": hashlib.sha256(body.encode()).hexdigest(),
    }
    token = jwt.encode(claims, secret, algorithm="HS256")
    assert verify_signature(token, secret)
    add("vonage", {"secret": secret, "api_key": "a1b2c3d4", "application_id": "app"},
        {"authorization": f"Bearer {token}"}, body)


def bandwidth():
    header = requests.auth._basic_auth_str("user", "p:ss wörd".encode())
    body = json.dumps({"eventType": "recordingAvailable", "recordingId": "r-1"})
    add("bandwidth", {"pair": base64.b64encode("user:p:ss wörd".encode()).decode()},
        {"authorization": header}, body)


def standard():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = json.dumps({"type": "recording.available", "data": {"call_sid": "CA1"}})
    at = datetime.fromtimestamp(NOW, timezone.utc)
    signature = Webhook(secret).sign("msg_1", at, body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(NOW)}
    Webhook(secret).verify(body, {**headers, "webhook-signature": signature})
    add("standard", {"key": secret}, {**headers, "webhook-signature": signature}, body)
    private, public = ed25519()
    asymmetric = base64.b64encode(private.sign(f"msg_1.{NOW}.{body}".encode()).signature).decode()
    add("standard", {"key": "whpk_" + public},
        {**headers, "webhook-signature": f"{signature} v1a,{asymmetric}"}, body)


for sign in (twilio, telnyx, plivo_v3, vonage, bandwidth, standard):
    sign()
print(json.dumps({"now": NOW, "callbacks": callbacks}))
