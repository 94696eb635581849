from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from core import text
from core.money import DECIMAL_PLACES, MAX_DIGITS, MINOR_DIGITS, quantize


def named_as_an_attribute(field: serializers.Field[Any, Any, Any, Any]) -> Any:
    """Return ``field``, typed so that it may have the name of an attribute of serializers.

    Such as ``parent``: DRF takes declared fields off the class, so the attribute stays.
    """
    return field


@extend_schema_field({"type": "string", "format": "decimal", "example": "19.90"})
class MoneyField(serializers.DecimalField):
    """An amount as a decimal string with the minor digits of its currency.

    The currency is the ``currency`` of the object that is rendered (or of what
    ``currency_source`` names, dotted), so that 19.9 is "19.90" in USD and "20" in JPY.
    """

    def __init__(self, currency_source: str = "currency", **kwargs: Any) -> None:
        self.currency_source = currency_source.split(".")
        kwargs.setdefault("max_digits", MAX_DIGITS)
        kwargs.setdefault("decimal_places", DECIMAL_PLACES)
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> Any:
        amount = super().get_attribute(instance)
        if amount is None:
            return None
        currency = instance
        for name in self.currency_source:
            currency = currency[name] if isinstance(currency, dict) else getattr(currency, name)
        return quantize(amount, currency)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:f}"


class CurrencyField(serializers.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=sorted(MINOR_DIGITS), **kwargs)


class _Text(serializers.CharField):
    normalise = staticmethod(text.one_line)

    def run_validation(self, data: Any = empty) -> Any:
        """Bring a string into its one form before anything is asked of it."""
        is_free = isinstance(data, str) and self.trim_whitespace
        return super().run_validation(self.normalise(data) if is_free else data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TextField(_Text):
    """One line of text that has to be a JSON string: a number is refused, not spelled out.

    With ``trim_whitespace=False`` it is taken as it is, such as a password.
    """


class LongTextField(TextField):
    normalise = staticmethod(text.paragraphs)


class SlugField(_Text, serializers.SlugField):
    pass
