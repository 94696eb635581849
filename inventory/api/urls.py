from rest_framework.routers import SimpleRouter

from inventory.api.views import InventoryViewSet, LocationAliasViewSet, LocationViewSet

router = SimpleRouter()
router.register("inventory/locations", LocationAliasViewSet, "inventory-location")
router.register("inventory", InventoryViewSet, "inventory")
router.register("locations", LocationViewSet, "location")

urlpatterns = router.urls
