"""Comparing our books with a provider's: pure functions over both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from payments.gateways.base import Fee, Movement
from payments.models import CHARGED_TWICE, Finding, PaymentTransaction, TransactionStatus


@dataclass(frozen=True)
class Pair:
    """One movement of money: as we know it, as the provider knows it, or both."""

    ours: PaymentTransaction | None
    theirs: Movement | None

    @property
    def finding(self) -> Finding:
        """How the two stand to each other."""
        if self.ours is None:
            return Finding.ONLY_THERE
        if self.theirs is None:
            return Finding.ONLY_HERE
        return _finding(self.ours, self.theirs)


class Books:
    """Our transactions, by the names that a provider may call them; each is found once."""

    def __init__(self, transactions: Iterable[PaymentTransaction]) -> None:
        rows = list(transactions)
        self.by_reference = {(row.kind, row.reference): row for row in rows if row.reference}
        self.by_key = {(row.kind, row.pk): row for row in rows}
        self.found: set[UUID] = set()

    def take(self, movement: Movement) -> PaymentTransaction | None:
        """Return the transaction that a movement is about, unless another one was before."""
        known = self._named(movement)
        if known is None or known.pk in self.found:
            return None
        self.found.add(known.pk)
        return known

    def _named(self, movement: Movement) -> PaymentTransaction | None:
        for reference in movement.references:
            if known := self.by_reference.get((movement.kind, reference)):
                return known
        return self.by_key.get((movement.kind, movement.key)) if movement.key else None


def pairs_of(
    ours: Sequence[PaymentTransaction], theirs: Sequence[Movement], books: Books
) -> list[Pair]:
    """Return a pair for everything in ``theirs``, and for what of ``ours`` is in none of them.

    ``books`` are all transactions that ``theirs`` may be about.
    """
    pairs = [Pair(books.take(movement), movement) for movement in theirs]
    return pairs + [Pair(row, None) for row in ours if row.pk not in books.found]


def _finding(ours: PaymentTransaction, theirs: Movement) -> Finding:
    is_done = ours.status == TransactionStatus.SUCCEEDED or ours.error_code == CHARGED_TWICE
    if not is_done:
        return Finding.NOT_DONE_HERE
    if (ours.amount, ours.payment.currency) != (theirs.amount, theirs.currency):
        return Finding.AMOUNT_DIFFERS
    told = theirs.fee
    is_known = told is not None and ours.fee is not None
    if is_known and told != Fee(ours.fee or Decimal(0), ours.fee_currency):
        return Finding.FEE_DIFFERS
    return Finding.AGREES
