"""The script of docs/ci.md that keeps one comment up to date, against a server that plays GitHub and GitLab."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from werkzeug import Response

from fixtures.pages import blocks

PAGE = (Path(__file__).parents[2] / "docs" / "ci.md").read_text("utf-8")
SCRIPT = next(block.text for block in blocks(PAGE) if block.option("file") == "ci/comment.sh")
MARKER, TOKEN = "<!-- rollproof -->", "s3cret"
US, OTHER = 7, 8
FORGES = {
    "github": {
        "all": "/repos/shop/shop/issues/42/comments",
        "one": "/repos/shop/shop/issues/comments/",
        "update": "PATCH",
        "author": lambda who: {"user": {"login": "github-actions[bot]" if who == US else "mallory"}},
        "header": ("Authorization", f"Bearer {TOKEN}"),
        "variables": lambda url: {
            "GITHUB_ACTIONS": "true",
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": url,
            "GITHUB_REPOSITORY": "shop/shop",
            "GITHUB_REF_NAME": "42/merge",
        },
    },
    "gitlab": {
        "all": "/projects/5/merge_requests/42/notes",
        "one": "/projects/5/merge_requests/42/notes/",
        "update": "PUT",
        "author": lambda who: {"author": {"id": who}},
        "header": ("PRIVATE-TOKEN", TOKEN),
        "variables": lambda url: {
            "COMMENT_TOKEN": TOKEN,
            "CI_API_V4_URL": url,
            "CI_PROJECT_ID": "5",
            "CI_MERGE_REQUEST_IID": "42",
        },
    },
}


class Forge:
    """Keeps comments as a forge does: in pages of `per_page`, each with its author; it refuses who has no token."""

    def __init__(self, kind):
        self.kind = kind
        self.comments = []

    def put(self, who, body):
        self.comments.append({"id": len(self.comments) + 1, "body": body, **self.kind["author"](who)})

    def bodies(self, who):
        return [each["body"] for each in self.comments if each.items() >= self.kind["author"](who).items()]

    def __call__(self, request):
        name, value = self.kind["header"]
        if request.headers.get(name) != value:
            return Response("no", 401)
        if request.path == "/user":
            return Response(json.dumps({"id": US}))
        if (request.method, request.path) == ("GET", self.kind["all"]):
            number, size = int(request.args["page"]), int(request.args["per_page"])
            return Response(json.dumps(self.comments[(number - 1) * size : number * size]))
        if (request.method, request.path) == ("POST", self.kind["all"]):
            self.put(US, request.json["body"])
            return Response("{}", 201)
        if request.method == self.kind["update"] and request.path.startswith(self.kind["one"]):
            self.comments[int(request.path.rpartition("/")[2]) - 1]["body"] = request.json["body"]
            return Response("{}")
        return Response("there is no such thing", 404)


@pytest.fixture(params=FORGES)
def forge(request, httpserver):
    made = Forge(FORGES[request.param])
    httpserver.expect_request(re.compile(".*")).respond_with_handler(made)
    made.url = httpserver.url_for("").rstrip("/")
    return made


def comment(forge, text, folder, **variables):
    (folder / "summary.md").write_text(text, "utf-8")
    known = {"PATH": os.environ["PATH"], **forge.kind["variables"](forge.url), **variables}
    words = ["bash", "-c", SCRIPT, "comment.sh", "summary.md"]
    return subprocess.run(words, cwd=folder, env=known, capture_output=True, text=True, check=False)


def test_one_comment_says_what_the_newest_run_says(forge, tmp_path):
    """Those of others stay as they are, also one that begins as ours does; ours is found behind hundreds of them."""
    forge.put(OTHER, f"{MARKER}\nVERIFIED, says mallory")
    for number in range(250):
        forge.put(OTHER, f"comment {number}")
    before = forge.bodies(OTHER)
    ends = [comment(forge, text, tmp_path) for text in ('# NOT RESTORED\n`a` "b" $c\n', "# VERIFIED\n" + "é" * 60_000)]

    assert [(each.returncode, each.stdout, each.stderr) for each in ends] == [(0, "", "")] * 2
    assert forge.bodies(US) == [f"{MARKER}\n# VERIFIED\n{'é' * 60_000}"]
    assert forge.bodies(OTHER) == before


def test_a_forge_that_refuses_makes_the_step_fail_and_no_token_is_shown(forge, tmp_path):
    ended = comment(forge, "# VERIFIED", tmp_path, GITHUB_TOKEN="wr0ng", COMMENT_TOKEN="wr0ng")  # noqa: S106 (a made up one)

    assert ended.returncode != 0
    assert "401" in ended.stderr
    assert "wr0ng" not in ended.stderr
    assert forge.comments == []
