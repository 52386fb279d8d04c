"""Asks the Django that is installed who may do what: rows as JSON in, answers as JSON out."""
import json
import sys

from django.conf import settings

settings.configure(
    SECRET_KEY="k",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="nothing",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)

import types

import django

sys.modules["nothing"] = types.ModuleType("nothing")
sys.modules["nothing"].urlpatterns = []
django.setup()

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory

call_command("migrate", run_syncdb=True, verbosity=0)


def permissions(names):
    return [Permission.objects.get(content_type__app_label="auth", codename=name) for name in names]


def user_of(row):
    if row.get("anonymous"):
        return AnonymousUser()
    User.objects.all().delete()
    Group.objects.all().delete()
    flags = {"is_active": row.get("active", True), "is_superuser": row.get("superuser", False)}
    user = User.objects.create(username="ada", is_staff=row.get("staff", False), **flags)
    user.user_permissions.set(permissions(row.get("own", [])))
    for index, names in enumerate(row.get("groups", [])):
        group = Group.objects.create(name=f"group {index}")
        group.permissions.set(permissions(names))
        user.groups.add(group)
    return User.objects.get(pk=user.pk)


def asked(user, names, raising):
    view = permission_required(names, raise_exception=raising)(lambda request: HttpResponse())
    request = RequestFactory().get("/page/")
    request.user = user
    try:
        return view(request).status_code
    except PermissionDenied:
        return 403


def answer(data, row):
    user = user_of(row)
    return {
        "all": sorted(user.get_all_permissions()) if not row.get("superuser") else "all",
        "one": [user.has_perm(name) for name in data["names"]],
        "object": user.has_perm("auth.view_user", object()),
        "several": [user.has_perms(names) for names in data["lists"]],
        "modules": [user.has_module_perms(name) for name in data["modules"]],
        "view": asked(user, "auth.view_user", False),
        "raising": asked(user, "auth.view_user", True),
        "two": asked(user, ["auth.view_user", "auth.add_user"], True),
    }


data = json.load(sys.stdin)
print(json.dumps([answer(data, row) for row in data["rows"]]))
