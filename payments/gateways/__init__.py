"""The payment providers that this shop accepts, as the setting ``PAYMENT_GATEWAYS`` lists them."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import InvalidInput
from payments.gateways.base import Capability, Gateway


class UnknownProvider(InvalidInput):
    code = "unknown_provider"
    title = "This shop does not accept this payment provider."
    at = "#/provider"


def providers() -> list[Gateway]:
    """Return the accepted providers in the order of the setting."""
    return list(_by_code(tuple(settings.PAYMENT_GATEWAYS)).values())


def offered_providers(*, country: str = "", currency: str = "") -> list[Gateway]:
    """Return the providers accepted for a country and a currency; empty stands for any."""
    return [
        gateway
        for gateway in providers()
        if is_offered(gateway.code, country=country, currency=currency)
    ]


def is_offered(provider: str, *, country: str, currency: str) -> bool:
    """Tell whether ``PAYMENT_COUNTRIES`` and ``PAYMENT_CURRENCIES`` let a provider be used.

    A provider that they do not name is offered everywhere.
    """
    countries = settings.PAYMENT_COUNTRIES.get(provider, [country])
    currencies = settings.PAYMENT_CURRENCIES.get(provider, [currency])
    return (not country or country in countries) and (not currency or currency in currencies)


def gateway_of(provider: str) -> Gateway:
    try:
        return _by_code(tuple(settings.PAYMENT_GATEWAYS))[provider]
    except KeyError:
        raise UnknownProvider(pointer="#/provider") from None


def can(provider: str, capability: Capability) -> bool:
    """Tell whether a provider has a capability; one that is accepted no more has none."""
    gateway = _by_code(tuple(settings.PAYMENT_GATEWAYS)).get(provider)
    return gateway is not None and capability in gateway.capabilities


def forget() -> None:
    """Make the gateways anew when they are next asked for: their settings have changed."""
    _by_code.cache_clear()


@cache
def _by_code(paths: tuple[str, ...]) -> dict[str, Gateway]:
    gateways: list[Gateway] = [import_string(path)() for path in paths]
    return {gateway.code: gateway for gateway in gateways}
