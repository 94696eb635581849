"""cart/saved/: what was put aside for later."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from cart import selectors, services
from cart.api import examples
from cart.api.callers import owner_of
from cart.api.serializers import CartSerializer, SavedItemSerializer, SavedItemsSerializer
from cart.api.views import CartApiViewSet, one_page
from cart.models import SavedItem
from cart.services import MOVE_TO_CART_ERRORS, REMOVE_SAVED_ERRORS, SAVE_FOR_LATER_ERRORS
from core.api.access import anyone
from core.api.filters import refuse_unknown_parameters
from core.api.schema import CART_TOKEN, operation


class SavedItemViewSet(CartApiViewSet):
    queryset = SavedItem.objects.none()
    pagination_class = None
    filter_backends = ()
    access: ClassVar = dict.fromkeys(("read", "save", "move", "destroy"), anyone)
    activities: ClassVar = {
        "save": "cart.item_saved",
        "move": "cart.saved_item_moved",
        "destroy": "cart.saved_item_removed",
    }

    @operation(
        "List what is saved for later",
        operation_id="listSavedItems",
        response=SavedItemsSerializer,
        example=examples.SAVED_ITEMS,
        parameters=[CART_TOKEN],
    )
    def read(self, request: Request) -> Response:
        """Return what was put aside, the latest first, at present prices and with what there is."""
        refuse_unknown_parameters(request, set())
        lines = selectors.saved_lines_of(owner=owner_of(request))
        context = self.get_serializer_context()
        rows = SavedItemSerializer(lines, many=True, context=context).data
        return Response(one_page(list(rows)))

    @operation(
        "Save for later",
        response=CartSerializer,
        example=examples.CART,
        errors=SAVE_FOR_LATER_ERRORS,
        parameters=[CART_TOKEN],
    )
    def save(self, request: Request, pk: UUID) -> Response:
        """Take an item out of the cart and put it aside; returns the cart."""
        return self.answer(services.save_for_later(owner=owner_of(request), item_id=pk))

    @operation(
        "Move to the cart",
        operation_id="moveSavedItem",
        response=CartSerializer,
        example=examples.CART,
        errors=MOVE_TO_CART_ERRORS,
        parameters=[CART_TOKEN],
    )
    def move(self, request: Request, pk: UUID) -> Response:
        """Put what was saved back into the cart; returns the cart.

        With less in stock than was saved it stays where it is.
        """
        return self.answer(services.move_to_cart(owner=owner_of(request), saved_id=pk))

    @operation(
        "Forget what is saved",
        operation_id="deleteSavedItem",
        status=204,
        errors=REMOVE_SAVED_ERRORS,
        parameters=[CART_TOKEN],
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take it off the list."""
        services.remove_saved(owner=owner_of(request), saved_id=pk)
        return Response(status=204)
