"""The base of every admin page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.forms import BaseDialogForm
from unfold.utils import parse_date_str

from core import text
from core.errors import DomainError
from core.models import BaseModel
from core.queues import LANES, backlogs
from core.shop_days import start_of
from core.stale_forms import noticing_others, wait_for_others

if TYPE_CHECKING:  # generic to the type checker only
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

# How many rows a question before a bulk action names.
MOST_SHOWN: Final = 20


class ShopDayFilter(RangeDateFilter):
    """From one of the shop's days to another, both included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first = parse_date_str(self.used_parameters.get(f"{self.field_path}_from", ""))
        last = parse_date_str(self.used_parameters.get(f"{self.field_path}_to", ""))
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": start_of(first)})
        if last:
            until = start_of(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.field_path}__lt": until})
        return queryset


class OneLineField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return text.one_line(found) if isinstance(found, str) else found


class LongTextField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return text.paragraphs(found) if isinstance(found, str) else found


TEXT_FIELDS: Final[dict[type, type[forms.CharField]]] = {
    models.CharField: OneLineField,
    models.TextField: LongTextField,
}


class BaseAdmin(ModelAdmin):
    """Fifty rows a page, no count over the whole table, deleted rows shown and marked.

    Of two people with one form open, the second is told what the first has changed.
    """

    change_form_before_template = "admin/shown_state.html"
    list_per_page = 50
    show_full_result_count = False
    warn_unsaved_form = True
    compressed_fields = True

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Take text into its one form, as the API does."""
        if type(db_field) in TEXT_FIELDS and not db_field.choices:
            kwargs.setdefault("form_class", TEXT_FIELDS[type(db_field)])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, *change: Any, **kwargs: Any) -> Any:
        """Let the form of a row notice what others change; not where Django lists its fields."""
        form = super().get_form(request, obj, *change, **kwargs)
        is_listing = kwargs.get("fields", ()) is None
        return form if obj is None or is_listing else noticing_others(form)

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            formset.form = noticing_others(formset.form)
            yield formset, inline

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Read the row; when its form is saved, after whoever saves it now."""
        if request.method == "POST":
            wait_for_others(f"{self.opts.label}:{object_id}")
        return super().get_object(request, object_id, from_field)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if issubclass(self.model, BaseModel):
            rows = self.model.all_objects.order_by(*self.get_ordering(request))
        return rows

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the chosen rows as each is deleted on its own page: softly, where it is soft."""
        for row in queryset:
            self.delete_model(request, row)


class ReadOnlyAdmin(BaseAdmin):
    """For history: it can be looked at, never changed by hand."""

    readonly_fields: ClassVar[tuple[str, ...]] = ()

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ServiceAdmin(BaseAdmin):
    """Writes through services: shows their refusals, and deletes softly.

    A page says how in ``create`` and ``update``; the values of a form are typed ``Any``, since a
    form's fields know no types.
    """

    def create(self, request: HttpRequest, values: Any) -> Model:
        """Write what the form for a new row holds, by a service."""
        raise NotImplementedError

    def update(self, request: HttpRequest, obj: Any, changes: Any) -> None:
        """Write what was changed in the form of ``obj``, by a service."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        if change:
            self.update(request, obj, {name: form.cleaned_data[name] for name in form.changed_data})
        else:
            # Django goes on with ``obj``, to log the addition and to lead to its page.
            obj.__dict__.update(self.create(request, form.cleaned_data).__dict__)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or carry it out; a refusal leaves everything as it was."""
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except DomainError as refusal:
            messages.error(request, refusal.detail)
            return HttpResponseRedirect(request.get_full_path())
        return response

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list, or save what was edited in it: all of it, or nothing."""
        try:
            response: HttpResponse = super().changelist_view(request, *args, **kwargs)
        except DomainError as refusal:
            messages.error(request, refusal.detail)
            return HttpResponseRedirect(request.get_full_path())
        return response

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().delete_view(request, *args, **kwargs)
        except DomainError as refusal:
            messages.error(request, refusal.detail)
            return HttpResponseRedirect(request.get_full_path())
        return response

    def get_deleted_objects(
        self, objs: Iterable[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return the rows alone: a row that is deleted softly takes nothing with it."""
        rows = [str(row) for row in objs]
        missing = set() if self.has_delete_permission(request) else {self.opts.verbose_name or ""}
        return rows, {str(self.opts.verbose_name_plural): len(rows)}, {str(m) for m in missing}, []


def dialog(
    title: str, description: str, button: str, form: type[BaseDialogForm] = BaseDialogForm
) -> dict[str, Any]:
    """Return what unfold shows when an action is chosen; its form is posted to carry it out."""
    return {
        "title": title,
        "description": description,
        "form_submit_text": button,
        "form_class": form,
    }


def back_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to ``url``, out of a dialog too."""
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


@dataclass(frozen=True)
class Question:
    """What staff are asked before a bulk action: the action's name, a title, and so on."""

    action: str
    title: str
    text: str
    button: str


def ask_first(
    request: HttpRequest, page: ModelAdmin, rows: QuerySet[Any], question: Question
) -> HttpResponse | None:
    """Return the page that asks before a bulk action; None once it has been answered."""
    if request.POST.get("confirmed"):
        return None
    is_across = request.POST.get("select_across") == "1"
    context = {
        **page.admin_site.each_context(request),
        "title": question.title,
        "question": question.text,
        "button": question.button,
        "action": question.action,
        "opts": page.opts,
        "is_across": is_across,
        "keys": [] if is_across else request.POST.getlist(ACTION_CHECKBOX_NAME),
        "shown": list(rows[:MOST_SHOWN]),
        "more": max(rows.count() - MOST_SHOWN, 0),
    }
    return TemplateResponse(request, "admin/confirm_action.html", context)


JOB_STATES: Final = {
    "todo": "waiting",
    "doing": "running",
    "succeeded": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "aborting": "being stopped",
    "aborted": "stopped",
}
JOB_COLOURS: Final = {
    "waiting": "warning",
    "running": "info",
    "done": "success",
    "failed": "danger",
}


def _age(seconds: float) -> str:
    """Return a time span in its two largest units."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = {"d": days, "h": hours, "min": minutes, "s": seconds}
    shown = [f"{count} {unit}" for unit, count in units.items() if count]
    return " ".join(shown[:2]) or "0 s"


admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(ReadOnlyAdmin, ProcrastinateJobAdmin):
    """Background jobs: what each does, how long ago it was asked for, and what waits by lane."""

    list_display: Any = ("what", "about", "lane", "state", "asked", "attempts")
    list_filter: ClassVar[Any] = ("status", "queue_name")
    search_fields: ClassVar[Any] = ("task_name",)
    search_help_text = "Name of the task"
    list_before_template = "core/admin/backlogs.html"
    ordering: ClassVar[Any] = ("-id",)
    fields: ClassVar[Any] = (
        ("what", "state"),
        "about",
        ("lane", "queue_name"),
        ("asked", "scheduled_at"),
        "attempts",
    )
    readonly_fields: ClassVar[Any] = ("what", "about", "lane", "state", "asked")
    inlines: ClassVar[Any] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [*self.readonly_fields, "queue_name", "scheduled_at", "attempts"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProcrastinateJob]:
        first = ProcrastinateEvent.objects.filter(job=OuterRef("pk")).order_by("at")
        jobs: QuerySet[ProcrastinateJob] = super().get_queryset(request)
        return jobs.annotate(asked_at=Subquery(first.values("at")[:1]))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        lanes = [
            {"name": row.lane, "waiting": row.waiting, "age": _age(row.oldest_seconds)}
            for row in backlogs(now=timezone.now())
        ]
        response: HttpResponse = super().changelist_view(
            request, {**(extra_context or {}), "lanes": lanes}
        )
        return response

    @display(description="Job", ordering="task_name")
    def what(self, job: ProcrastinateJob) -> str:
        name = job.args.get("handler") or job.task_name
        app, *_modules, task = name.split(".")
        return f"{app.capitalize()}: {task.replace('_', ' ')}"

    @display(description="About")
    def about(self, job: ProcrastinateJob) -> str:
        told = {name: value for name, value in job.args.items() if name != "handler"}
        parts = [f"{name.replace('_', ' ')} {value}" for name, value in told.items()]
        return ", ".join(parts)[:200] or "–"

    @display(description="Lane", ordering="queue_name")
    def lane(self, job: ProcrastinateJob) -> str:
        names = [lane.name for lane in LANES if job.queue_name in lane.queues]
        return names[0] if names else job.queue_name

    @display(description="Status", ordering="status", label=JOB_COLOURS)
    def state(self, job: ProcrastinateJob) -> str:
        return JOB_STATES.get(job.status, job.status)

    @display(description="Asked for")
    def asked(self, job: Any) -> str:
        if job.asked_at is None:
            return "–"
        return f"{_age((timezone.now() - job.asked_at).total_seconds())} ago"
