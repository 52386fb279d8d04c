"""Collects static files with the Django that is installed: lists of folders in, staticfiles.json and the files out."""
import json
import os
import sys
import tempfile

from django.conf import settings

settings.configure(
    SECRET_KEY="k",
    INSTALLED_APPS=["django.contrib.staticfiles"],
    STATIC_URL="/static/",
    STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    STATICFILES_STORAGE="django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
)

import django

django.setup()

from django.contrib.staticfiles import storage
from django.contrib.staticfiles.management.commands import collectstatic
from django.core.management import call_command


def collected(root, folders):
    settings.STATIC_ROOT = root
    settings.STATICFILES_DIRS = folders
    call_command("collectstatic", interactive=False, verbosity=0)
    with open(os.path.join(root, "staticfiles.json")) as file:
        paths = json.load(file)["paths"]
    files = {}
    for folder, _, names in os.walk(root):
        for name in names:
            full = os.path.join(folder, name)
            with open(full, encoding="latin-1", newline="") as file:
                files[os.path.relpath(full, root)] = file.read()
    del files["staticfiles.json"]
    return {"paths": paths, "files": files}


def attempt(folders):
    with tempfile.TemporaryDirectory() as root:
        try:
            return collected(root, folders)
        except Exception as error:
            return {"error": type(error).__name__}


def forked(folders):
    """In a process of its own: Django keeps its finders and its storage for good."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        # What fails is said on stderr as well, and stands in the answer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with os.fdopen(writer, "w") as pipe:
            pipe.write(json.dumps(attempt(folders)))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return json.loads(answer)


print(json.dumps([forked(folders) for folders in json.load(sys.stdin)]))
