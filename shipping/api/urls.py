from rest_framework.routers import SimpleRouter

from shipping.api.views import CountryViewSet, ShippingMethodViewSet

router = SimpleRouter()
router.register("countries", CountryViewSet, "country")
router.register("shipping-methods", ShippingMethodViewSet, "shipping-method")

urlpatterns = router.urls
