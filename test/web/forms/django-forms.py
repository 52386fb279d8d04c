"""What the installed Django makes of model-form-cases.ts: JSON in, JSON out."""
import json
import sys

from django.conf import settings

settings.configure(
    SECRET_KEY="secret",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["__main__"],
    USE_TZ=True,
    TIME_ZONE="UTC",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_L10N=False,
    DATETIME_FORMAT="Y-m-d H:i:s",
    LOGGING_CONFIG=None,
)

import django

django.setup()

from django import forms
from django.db import connection, models, transaction
from django.forms.formsets import formset_factory
from django.forms.models import inlineformset_factory, modelform_factory, modelformset_factory
from django.http import QueryDict


class Author(models.Model):
    name = models.CharField(max_length=10, unique=True)

    class Meta:
        app_label = "__main__"
        ordering = ["id"]

    def __str__(self):
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=10)

    class Meta:
        app_label = "__main__"
        ordering = ["id"]

    def __str__(self):
        return self.name


class Article(models.Model):
    title = models.CharField(max_length=20)
    slug = models.SlugField(unique=True)
    body = models.TextField(blank=True, help_text="Plain text.")
    votes = models.IntegerField(default=0)
    rating = models.FloatField(null=True, blank=True)
    price = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    live = models.BooleanField(default=True)
    maybe = models.BooleanField(null=True, blank=True)
    kind = models.CharField(max_length=1, choices=[("n", "News"), ("o", "Opinion")])
    level = models.IntegerField(choices=[(1, "One"), (2, "Two")], default=1)
    published = models.DateTimeField(null=True, blank=True)
    day = models.DateField(null=True, blank=True, verbose_name="the day")
    mail = models.EmailField(blank=True)
    code = models.UUIDField(null=True, blank=True)
    data = models.JSONField(null=True, blank=True)
    big = models.BigIntegerField(null=True, blank=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name="articles")
    editor = models.ForeignKey(Author, models.SET_NULL, null=True, blank=True, related_name="edited")
    tags = models.ManyToManyField(Tag)
    created = models.DateTimeField(auto_now_add=True)
    secret = models.CharField(max_length=5, editable=False, default="x")

    class Meta:
        app_label = "__main__"
        ordering = ["id"]
        unique_together = [["author", "title"]]


NAMES = (
    "title slug body votes rating price live maybe kind level published day mail code data big author editor tags"
).split()

with connection.schema_editor() as editor:
    for model in (Author, Tag, Article):
        editor.create_model(model)

ann, bob = Author.objects.create(name="Ann"), Author.objects.create(name="Bob")
red, green = Tag.objects.create(name="red"), Tag.objects.create(name="<green>")
first = Article.objects.create(title="First", slug="first", kind="n", author=ann, editor=bob, rating=1.5)
first.tags.set([red])
Article.objects.create(title="Second", slug="second", kind="o", author=bob)


class Short(forms.ModelForm):
    field_order = ["slug", "title"]

    class Meta:
        model = Article
        fields = ["title", "slug"]

    def clean_title(self):
        title = self.cleaned_data["title"]
        if title == "bad":
            raise forms.ValidationError("Not this one.")
        return title.upper() if title == "up" else title

    def clean(self):
        data = super().clean()
        if data.get("title") == "same":
            raise forms.ValidationError("Something else, please.")
        return data


class Person(forms.Form):
    name = forms.CharField(max_length=10)
    age = forms.IntegerField(required=False, min_value=0)


FORMS = {
    "article": modelform_factory(Article, fields=NAMES),
    "excluded": modelform_factory(Article, exclude=["body", "author", "tags", "data"]),
    "all": modelform_factory(Article, fields="__all__"),
    "short": Short,
    "worded": modelform_factory(
        Article,
        fields=["title", "body", "author"],
        widgets={"body": forms.TextInput, "title": forms.Textarea},
        labels={"title": "What is it?"},
        help_texts={"title": "A few words."},
        error_messages={"title": {"required": "Say something."}, "author": {"required": "Who?"}},
    ),
}
SETS = {
    "formset": (formset_factory(Person, extra=2), {}),
    "bounded": (formset_factory(Person, extra=2, min_num=1, max_num=2, validate_min=True, validate_max=True), {}),
    "ordered": (
        formset_factory(Person, extra=2, can_order=True, can_delete=True),
        {"initial": [{"name": "a", "age": 5}]},
    ),
    "authors": (modelformset_factory(Author, fields=["name"], extra=1, can_delete=True), {}),
    "inline": (inlineformset_factory(Author, Article, fk_name="author", fields=["title", "slug"], extra=2), "author"),
}


def plain(value):
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, (list, tuple, models.QuerySet)):
        return sorted(plain(one) for one in value)
    if hasattr(value, "strftime") and hasattr(value, "hour"):
        return value.astimezone(django.utils.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(value, (bool, type(None), str)):
        return value
    if isinstance(value, float):
        return value
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) > 2**53 else value
    return str(value)


def errors_of(errors):
    return {"" if name == "__all__" else name: list(messages) for name, messages in errors.items()}


def rows():
    return [
        [plain(getattr(row, name)) for name in "id title slug votes live level author_id editor_id secret".split()]
        + [sorted(tag.pk for tag in row.tags.all())]
        for row in Article.objects.all()
    ]


def data_of(case):
    if case["data"] is None:
        return None
    data = QueryDict(mutable=True)
    for name, value in case["data"]:
        data.appendlist(name, value)
    return data


def run_form(case):
    instance = Article.objects.get(pk=case["instance"]) if "instance" in case else None
    form = FORMS[case["form"]](data_of(case), instance=instance)
    valid = form.is_valid()
    answer = {
        "valid": valid,
        "errors": errors_of(form.errors),
        "html": [str(form.as_p()), str(form.as_table()), str(form.as_ul())],
        "changed": form.changed_data if form.is_bound else [],
    }
    if valid:
        answer["cleaned"] = {name: plain(value) for name, value in form.cleaned_data.items()}
        if case["form"] == "article":
            form.save()
    answer["rows"] = rows()
    return answer


def run_set(case):
    kind, options = SETS[case["form"]]
    if options == "author":
        options = {"instance": Author.objects.get(pk=1)}
    formset = kind(data_of(case), **options)
    valid = formset.is_valid()
    answer = {
        "valid": valid,
        "errors": [errors_of(errors) for errors in formset.errors],
        "whole": list(formset.non_form_errors()),
        "html": [str(formset.as_p()), str(formset.as_table())] if len(formset.forms) < 10 else [],
    }
    if valid and hasattr(formset, "save"):
        formset.save()
        answer["saved"] = [len(formset.new_objects), len(formset.changed_objects), len(formset.deleted_objects)]
    elif valid and formset.can_order:
        answer["saved"] = [form.cleaned_data["name"] for form in formset.ordered_forms]
    answer["rows"] = rows()
    answer["authors"] = [[row.pk, row.name] for row in Author.objects.all()]
    return answer


def run(case):
    with transaction.atomic():
        answer = (run_form if case["form"] in FORMS else run_set)(case)
        transaction.set_rollback(True)
    return answer


print(json.dumps([run(case) for case in json.load(sys.stdin)]))
