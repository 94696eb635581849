"""Routes below /api/v1/."""

from rest_framework.routers import SimpleRouter

from catalog.api.views.attributes import AttributeViewSet
from catalog.api.views.brands import BrandViewSet
from catalog.api.views.categories import CategoryViewSet
from catalog.api.views.parts import ImageViewSet, VariantViewSet
from catalog.api.views.products import ProductViewSet

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
