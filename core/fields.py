from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from core.money import DECIMAL_PLACES, MAX_DIGITS

if TYPE_CHECKING:  # the stubs know type parameters that the classes lack at run time
    _Decimal = models.DecimalField[Any, Any]
    _Char = models.CharField[Any, Any]
else:
    _Decimal, _Char = models.DecimalField, models.CharField


class MoneyField(_Decimal):
    """An amount of money; its currency stands in the row's ``currency`` column."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", MAX_DIGITS)
        kwargs.setdefault("decimal_places", DECIMAL_PLACES)
        super().__init__(*args, **kwargs)


class CurrencyField(_Char):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 3
        super().__init__(*args, **kwargs)
