from rest_framework.routers import SimpleRouter

from inventory.api.views import InventoryViewSet, LocationViewSet

router = SimpleRouter()
router.register("inventory", InventoryViewSet, "inventory")
router.register("locations", LocationViewSet, "location")

urlpatterns = router.urls
