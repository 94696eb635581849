"""Where uploads are kept: in the data folder, or in a bucket of an S3-compatible storage."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from environs import Env

ONE_YEAR = 365 * 24 * 3600


def media_storage(env: Env) -> dict[str, Any]:
    """Return Django's storage of uploads; of a bucket when ``S3_BUCKET`` names one.

    Pictures are public: their addresses carry no signature, so the bucket (or what stands before
    it, ``S3_PUBLIC_URL``) lets everyone read. Names are never used again.
    """
    bucket = env.str("S3_BUCKET", default="")
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    public = urlsplit(env.str("S3_PUBLIC_URL", default=""))
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            # Without a key, those of the machine's own role.
            "access_key": env.str("S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("S3_SECRET_KEY", default="") or None,
            "custom_domain": f"{public.netloc}{public.path}".rstrip("/") or None,
            "url_protocol": f"{public.scheme or 'https'}:",
            "querystring_auth": False,
            "file_overwrite": False,
            "signature_version": "s3v4",
            "object_parameters": {"CacheControl": f"public, max-age={ONE_YEAR}, immutable"},
        },
    }


def media_origin(storage: dict[str, Any]) -> list[str]:
    """Return the origin that browsers fetch uploads from, when it is not the shop's own."""
    options = storage.get("OPTIONS")
    if not options:
        return []
    if options["custom_domain"]:
        host = options["custom_domain"].partition("/")[0]
        return [f"{options['url_protocol']}//{host}"]
    if options["endpoint_url"]:
        address = urlsplit(options["endpoint_url"])
        return [f"{address.scheme}://{address.netloc}"]
    return [f"https://{options['bucket_name']}.s3.amazonaws.com"]
