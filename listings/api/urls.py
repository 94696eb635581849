"""Routes below /api/v1/."""

from rest_framework.routers import SimpleRouter

from listings.api.views.attributes import AttributeViewSet
from listings.api.views.brands import BrandViewSet
from listings.api.views.categories import CategoryViewSet
from listings.api.views.parts import ImageViewSet, VariantViewSet
from listings.api.views.products import ProductViewSet

router = SimpleRouter()
router.register("products", ProductViewSet, "product")
router.register(r"products/(?P<product_key>[^/]+)/variants", VariantViewSet, "variant")
router.register(r"products/(?P<product_key>[^/]+)/images", ImageViewSet, "image")
router.register(
    r"categories/(?P<category_key>[^/]+)/attributes", AttributeViewSet, "category-attribute"
)
router.register("categories", CategoryViewSet, "category")
router.register("brands", BrandViewSet, "brand")

urlpatterns = router.urls
