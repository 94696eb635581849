from __future__ import annotations

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from accounts import selectors
from accounts.models import Activity, User
from core.api.filters import ShopTimeFilter, TruthFilter


class UserFilter(filters.FilterSet):
    role = filters.CharFilter(field_name="groups__name", help_text="The name of a role.")
    is_active = TruthFilter()
    is_staff = TruthFilter()
    is_email_verified = TruthFilter()
    search = filters.CharFilter(
        method="find", max_length=200, help_text="Words of e-mail address or name."
    )

    class Meta:
        model = User
        fields = ("role", "is_active", "is_staff", "is_email_verified", "search")

    def find(self, queryset: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        return selectors.search_users(queryset, value)


class ActivityFilter(filters.FilterSet):
    action = filters.CharFilter(help_text="Such as `account.signed_in`.")
    time_after = ShopTimeFilter(field_name="occurred_at", lookup_expr="gte")
    time_before = ShopTimeFilter(field_name="occurred_at", lookup_expr="lt")

    class Meta:
        model = Activity
        fields = ("action", "time_after", "time_before")
