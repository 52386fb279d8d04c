"""The pages of wsgi.ts in Django at its best: cached templates, lasting connections, the same pragmas for SQLite.

`python3 django-pages.py setup` makes the tables and the rows. BENCH_FOLDER is where the database is.
"""
import os
import sys
import types

from django.conf import settings

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = 20

settings.configure(
    DEBUG=False,
    SECRET_KEY="bench-only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="bench_urls",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(os.environ["BENCH_FOLDER"], "django.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {"timeout": 20},
        }
    },
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
            "DIRS": [os.path.join(HERE, "templates")],
            "OPTIONS": {
                "loaders": [
                    ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])
                ],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ],
)

import django

django.setup()

from django import forms
from django.db import connection, models
from django.db.backends.signals import connection_created
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone


def set_pragmas(sender, connection, **kwargs):
    connection.cursor().execute("PRAGMA journal_mode = WAL")
    connection.cursor().execute("PRAGMA synchronous = normal")


connection_created.connect(set_pragmas)


class Line(models.Model):
    author = models.CharField(max_length=100)
    text = models.TextField()
    created = models.DateTimeField()

    class Meta:
        app_label = "bench"


class LineForm(forms.Form):
    author = forms.CharField(max_length=100)
    text = forms.CharField(widget=forms.Textarea)


ITEMS = [
    {"name": "item %d" % index, "text": "firm, useful & delightful to all who pass", "price": index * 1.5}
    for index in range(10)
]


def hello(request):
    return HttpResponse("hello")


def template(request):
    return render(request, "list.html", {"heading": "all items", "items": ITEMS})


def rows(request):
    return render(request, "rows.html", {"lines": Line.objects.order_by("id")[:ROWS]})


def form(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    if request.method != "POST":
        return render(request, "form.html", {"form": LineForm()})
    filled = LineForm(request.POST)
    if not filled.is_valid():
        return HttpResponse("invalid", status=400)
    Line.objects.create(created=timezone.now(), **filled.cleaned_data)
    return HttpResponseRedirect("/form/")


urls = types.ModuleType("bench_urls")
urls.urlpatterns = [
    path("", hello),
    path("template/", template),
    path("rows/", rows),
    path("form/", form),
]
sys.modules["bench_urls"] = urls


def setup():
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Line)
    Line.objects.bulk_create(
        Line(author="author %d" % index, text="line <%d>" % index, created=timezone.now()) for index in range(ROWS)
    )


if sys.argv[1:] == ["setup"]:
    setup()
else:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
