"""How the generic views of the installed Django answer form-view-cases.ts: JSON in, JSON out."""
import json
import logging
import sys

from django.conf import settings

TEMPLATE = (
    "|{{ object.title }}|{{ blogpost.title }}|{{ post.title }}|{{ more }}|{% if view %}view{% endif %}|"
    "{{ form.as_p }}"
)
NAMES = [
    "shop/blogpost_form.html",
    "shop/blogpost_detail.html",
    "shop/blogpost_confirm_delete.html",
    "shop/blogpost_changing.html",
    "own.html",
]

settings.configure(
    ALLOWED_HOSTS=["testserver"],
    SECRET_KEY="secret",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["__main__"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGGING_CONFIG=None,
    ROOT_URLCONF="__main__",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [("django.template.loaders.locmem.Loader", {name: name + TEMPLATE for name in NAMES})]
            },
        }
    ],
)

import django

django.setup()
logging.disable(logging.CRITICAL)

from django import forms
from django.db import connection, models
from django.test import Client
from django.urls import path
from django.views.generic import CreateView, DeleteView, DetailView, FormView, UpdateView


class BlogPost(models.Model):
    title = models.CharField(max_length=20)
    slug = models.SlugField(unique=True)
    body = models.TextField(blank=True)
    votes = models.IntegerField(default=0)
    secret = models.CharField(max_length=9, default="x")

    class Meta:
        app_label = "shop"
        ordering = ["id"]

    def get_absolute_url(self):
        return "/posts/%s/" % self.slug


class PostForm(forms.ModelForm):
    class Meta:
        model = BlogPost
        fields = ["title", "slug"]

    def clean_title(self):
        title = self.cleaned_data["title"]
        if title == "bad":
            raise forms.ValidationError("Not this one.")
        return title.upper()


class ContactForm(forms.Form):
    name = forms.CharField(max_length=10)
    count = forms.IntegerField(required=False)


FIELDS = ["title", "slug", "body"]


class Initial(CreateView):
    model = BlogPost
    fields = ["title", "slug"]

    def get_initial(self):
        return {"title": self.request.GET.get("title", "Begin"), "body": "no field"}


class Found(UpdateView):
    fields = ["title"]

    def get_object(self, queryset=None):
        return BlogPost.objects.get(slug="second")


class Contact(FormView):
    form_class = ContactForm
    template_name = "own.html"
    initial = {"name": "you"}
    success_url = "/thanks/"


live = {"queryset": BlogPost.objects.filter(votes__gt=0), "fields": ["title"]}
urlpatterns = [
    path("add/", CreateView.as_view(model=BlogPost, fields=FIELDS, extra_context={"more": "m"})),
    path("add-to/", CreateView.as_view(model=BlogPost, fields=FIELDS, success_url="/done/{id}/{slug}/")),
    path("add-form/", CreateView.as_view(model=BlogPost, form_class=PostForm)),
    path("add-initial/", Initial.as_view()),
    path("add-prefixed/", CreateView.as_view(model=BlogPost, form_class=PostForm, prefix="p")),
    path("<int:pk>/", DetailView.as_view(model=BlogPost)),
    path("<int:pk>/edit/", UpdateView.as_view(model=BlogPost, fields=FIELDS)),
    path("<int:pk>/delete/", DeleteView.as_view(model=BlogPost, success_url="/list/")),
    path("by/<slug:slug>/edit/", UpdateView.as_view(model=BlogPost, fields=["title", "slug"], success_url="/list/")),
    path("by/<slug:slug>/delete/", DeleteView.as_view(model=BlogPost, success_url="/gone/{slug}/")),
    path("named/<int:pk>/edit/", UpdateView.as_view(model=BlogPost, fields=["title"], context_object_name="post")),
    path("suffixed/<int:pk>/edit/", UpdateView.as_view(model=BlogPost, fields=["title"], template_name_suffix="_changing")),
    path("own/<int:pk>/edit/", UpdateView.as_view(model=BlogPost, fields=["title"], template_name="own.html")),
    path("live/<int:pk>/edit/", UpdateView.as_view(**live)),
    path("live/<int:pk>/delete/", DeleteView.as_view(queryset=live["queryset"], success_url="/list/")),
    path("found/edit/", Found.as_view()),
    path("contact/", Contact.as_view()),
]

with connection.schema_editor() as editor:
    editor.create_model(BlogPost)


def fill():
    BlogPost.objects.all().delete()
    BlogPost.objects.create(id=1, title="First", slug="first", body="<p>", votes=1)
    BlogPost.objects.create(id=2, title="Second", slug="second")


def answer(case):
    fill()
    arguments = {} if case.get("form") is None else {"data": case["form"]}
    response = getattr(Client(), case["method"].lower())(case["path"], **arguments)
    return {
        "status": response.status_code,
        "location": response.get("Location"),
        "allow": response.get("Allow"),
        "body": response.content.decode() if response.status_code == 200 else None,
        "rows": [list(row) for row in BlogPost.objects.values_list("id", "title", "slug", "body", "votes", "secret")],
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
