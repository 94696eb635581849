"""Imports in the backoffice: upload, look, confirm, watch, and take the bad rows home."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from accounts.models import User
from core.admin import ReadOnlyAdmin
from core.csv_files import csv_line
from core.errors import DomainError
from imports.admin.forms import ImportForm, UploadForm
from imports.models import ImportJob, ImportStatus
from imports.selectors.jobs import refusal_values, refusals_of
from imports.services import jobs
from imports.services.applying import ImportOptions
from imports.services.jobs import NewImport
from imports.services.mappings import mapping_named, save_mapping

SHOWN_REFUSALS = 50


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name",
        "shown_status",
        "rows_read",
        "created",
        "updated",
        "unchanged",
        "refused",
        "created_by",
        "created_at",
    )
    list_filter = ("status", "mode")
    list_select_related = ("created_by",)
    search_fields = ("file_name",)
    ordering = ("-created_at",)

    @display(
        description="Status",
        ordering="status",
        label={
            ImportStatus.SUCCEEDED: "success",
            ImportStatus.FAILED: "danger",
            ImportStatus.RUNNING: "info",
        },
    )
    def shown_status(self, job: ImportJob) -> str:
        return job.status

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may make products may import them."""
        return bool(request.user.has_perm("catalog.add_product"))

    def get_urls(self) -> list[URLPattern]:
        refused = path(
            "<uuid:job_id>/refused-rows.csv",
            self.admin_site.admin_view(self.refused_rows),
            name="imports_importjob_refused",
        )
        return [refused, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for a file, keep it, and show how it begins."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                file = form.cleaned_data["file"]
                person = request.user if isinstance(request.user, User) else None
                options = ImportOptions(settings.CURRENCY)
                new = NewImport(file, file.name, options, person, ImportStatus.UPLOADED)
                return _to(jobs.start_import(new=new))
            except DomainError as refusal:
                form.add_error("file", refusal.detail)
        return self._page(request, "upload", title="Import products", form=form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show how the file begins until it is confirmed, then how far its import is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        job = get_object_or_404(ImportJob, pk=_key(object_id))
        if job.status == ImportStatus.UPLOADED:
            return self._preview(request, job)
        percent = 100 * job.rows_read // job.rows_total if job.rows_total else 0
        refusals = refusals_of(job.pk)[:SHOWN_REFUSALS]
        return self._page(
            request, "progress", title=job.file_name, job=job, percent=percent, refusals=refusals
        )

    def _preview(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        with jobs.file_of(job_id=job.pk) as file:
            beginning = jobs.peek(path=file)
        form = ImportForm(request.POST or None, beginning=beginning)
        if request.method == "POST" and form.is_valid():
            try:
                data = form.cleaned_data
                kept = data["saved_mapping"]
                mapping = mapping_named(name=kept) if kept else form.mapping()
                jobs.confirm_import(job_id=job.pk, options=form.options(mapping))
                if data["save_mapping_as"]:
                    save_mapping(name=data["save_mapping_as"], columns=mapping)
                return _to(job)
            except DomainError as refusal:
                messages.error(request, refusal.detail)
        return self._page(
            request,
            "preview",
            title=job.file_name,
            job=job,
            form=form,
            columns=form.columns(),
            rows=beginning.rows,
        )

    def refused_rows(self, request: HttpRequest, job_id: UUID) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return StreamingHttpResponse(
            (csv_line(row) for row in refusal_values(job_id)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="refused-rows.csv"'},
        )

    def _page(self, request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"imports/admin/{name}.html", context)


def _key(object_id: str) -> UUID | None:
    try:
        return UUID(object_id)
    except ValueError:
        return None


def _to(job: ImportJob) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:imports_importjob_change", args=[job.pk]))
