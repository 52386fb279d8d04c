"""A Django project of one file: the admin on SQLite. `python3 django-project.py setup` makes tables and a superuser.

The folder of the database is taken from DJANGO_FOLDER.
"""
import os
import sys

from django.conf import settings

FOLDER = os.environ["DJANGO_FOLDER"]

if not settings.configured:
    settings.configure(
        DEBUG=False,
        SECRET_KEY="test-only",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="django_project_urls",
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(FOLDER, "db.sqlite3")}},
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
    )

import types

import django

django.setup()

from django.contrib import admin
from django.http import HttpResponse, JsonResponse
from django.urls import path


def echo(request):
    """What arrived, for comparisons."""
    body = request.body
    return JsonResponse(
        {
            "method": request.method,
            "path": request.path,
            "query": request.META.get("QUERY_STRING"),
            "length": len(body),
            "headers": {key: value for key, value in request.META.items() if key.startswith("HTTP_X_")},
        }
    )


def boom(request):
    raise RuntimeError("boom")


urls = types.ModuleType("django_project_urls")
urls.urlpatterns = [path("admin/", admin.site.urls), path("echo/", echo), path("boom/", boom)]
sys.modules["django_project_urls"] = urls


def setup():
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_superuser("admin", "admin@example.com", "secret")


if __name__ == "__main__" and sys.argv[1:] == ["setup"]:
    setup()
else:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
