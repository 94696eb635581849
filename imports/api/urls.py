from rest_framework.routers import SimpleRouter

from imports.api.views import (
    ExportViewSet,
    ImportMappingViewSet,
    ImportViewSet,
    StartImportViewSet,
)

router = SimpleRouter()
router.register("products/import", StartImportViewSet, "product-import")
router.register("products/export", ExportViewSet, "product-export")
router.register("imports/mappings", ImportMappingViewSet, "import-mapping")
router.register("imports", ImportViewSet, "import")

urlpatterns = router.urls
