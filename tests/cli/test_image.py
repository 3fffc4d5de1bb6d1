"""The image of the Dockerfile, built and used where a container engine is at hand.

Its base is python:3.13-slim, if that can be had; else a Debian that debootstrap makes, once: both are a Debian with a Python.
"""

import json
import os
import shutil
import ssl
import subprocess
from pathlib import Path

import psycopg
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "scenarios" / "cases" / "shop.sql"
PYTHON, DEBIAN = "python:3.13-slim", "rollproof-base:bookworm"
IMAGE = "rollproof:under-test"
ENGINE = shutil.which("docker") or shutil.which("podman")
# What this machine trusts, and where it looks for packages, go along: both may be a proxy's.
GROUND = "FROM {base}\nCOPY authorities.crt /authorities.crt\nENV GROUND=ours {variables}\n"
NOT_COMPILED = """
import importlib.util as u, pathlib, sys
folder = pathlib.Path(sys.prefix, "lib")
print(*[path for path in folder.rglob("*.py") if not pathlib.Path(u.cache_from_source(path)).exists()])
"""
STRICT = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "4321:4321")


def engine(*words, timeout=600):
    """Run the container engine; return how that ended."""
    return subprocess.run(
        [ENGINE or "", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout
    )


@pytest.fixture(scope="module")
def base():
    """The name of an image with Python 3.11 or newer, from which ours can be built."""
    if ENGINE is None or engine("info").returncode:
        pytest.skip("no container engine is running")
    for name in (PYTHON, DEBIAN):
        if engine("image", "inspect", name).returncode == 0:
            return name
    if engine("pull", "--quiet", PYTHON).returncode == 0:
        return PYTHON
    return debian()


def debian():
    """Make an image of Debian with Python, and return its name."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        pytest.skip(f"{PYTHON} cannot be had, and there is no debootstrap (as root) to make another")
    made = (
        "folder=$(mktemp -d) && trap 'rm -rf \"$folder\"' EXIT && "
        'debootstrap --variant=minbase --include=python3,python3-venv bookworm "$folder" >&2 && '
        f'tar --directory "$folder" --create . | "$0" import - {DEBIAN}'
    )
    done = subprocess.run(["bash", "-c", made, ENGINE], capture_output=True, text=True, check=False)  # noqa: S607
    return DEBIAN if done.returncode == 0 else pytest.skip(f"no base could be made: {done.stderr[-300:]}")


@pytest.fixture(scope="module")
def image(base, tmp_path_factory):
    """Our image, built from this clone."""
    folder = tmp_path_factory.mktemp("ground")
    trusted = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    shutil.copy(trusted or os.devnull, folder / "authorities.crt")
    variables = [f'{name}="{os.environ[name]}"' for name in ("PIP_INDEX_URL",) if name in os.environ]
    variables += ["PIP_CERT=/authorities.crt"] if trusted else []
    (folder / "Dockerfile").write_text(GROUND.format(base=base, variables=" ".join(variables)))
    for words in (
        ("--tag", f"{IMAGE}-ground", folder),
        ("--tag", IMAGE, "--build-arg", f"BASE={IMAGE}-ground", "--build-arg", "VERSION=1.2.3", "."),
    ):
        built = engine("build", *words, timeout=900)
        assert built.returncode == 0, (built.stdout + built.stderr)[-3000:]
    return IMAGE


@pytest.fixture
def contained(image, open_folder):
    """Call it with a database's URL and arguments to run `rollproof` in a container, with a folder for its files."""
    open_folder.chmod(0o1777)
    place = ("--network", "host", "--volume", f"{open_folder}:/work", "--env", "ROLLPROOF_DATABASE_URL")

    def run(url, *words):
        environment = {**os.environ, "ROLLPROOF_DATABASE_URL": url}
        return subprocess.run(
            [ENGINE, "run", "--rm", *place, *STRICT, image, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run


def test_a_container_without_rights_captures_and_verifies(contained, database_from, open_folder):
    """As a user whom the image does not know, where nothing but the folder can be written to."""
    url = database_from(SHOP)

    taken = contained(url, "capture")
    good = contained(url, "verify")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DROP INDEX orders_customer_idx")
    bad = contained(url, "verify")

    assert taken.returncode == 0, taken.stderr
    assert (good.returncode, "\nVERIFIED: " in good.stdout) == (0, True), good.stdout + good.stderr
    assert (bad.returncode, "\nNOT RESTORED: " in bad.stdout) == (1, True), bad.stdout + bad.stderr
    assert (open_folder / "rollproof-report" / "junit.xml").stat().st_uid == 4321
    assert json.loads((open_folder / "rollproof-report" / "result.json").read_bytes())["verdict"] == "NOT RESTORED"


def pod(folder, *, writable=False):
    """Return the words that start a container as deploy/kubernetes.yaml has it, its claims in `folder`; and its arguments."""
    spec = yaml.safe_load((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8"))["spec"]["template"]["spec"]
    (container,), who = spec["containers"], spec["securityContext"]
    words = ["--user", f"{who['runAsUser']}:{who['runAsGroup']}", "--workdir", container["workingDir"]]
    words += ["--memory", container["resources"]["limits"]["memory"].replace("Mi", "m"), *STRICT[:-2]]
    claims = {each["name"] for each in spec["volumes"] if "persistentVolumeClaim" in each}
    for volume in container["volumeMounts"]:
        where, only = volume["mountPath"], ":ro" if volume.get("readOnly") and not writable else ""
        (folder / volume["name"]).mkdir(exist_ok=True)
        (folder / volume["name"]).chmod(0o1777)
        claimed = volume["name"] in claims
        words += ["--volume", f"{folder / volume['name']}:{where}{only}"] if claimed else ["--tmpfs", where]
    given = container["securityContext"]
    assert given["readOnlyRootFilesystem"]
    assert (given["capabilities"], given["allowPrivilegeEscalation"]) == ({"drop": ["ALL"]}, False)
    return words, container["args"]


def test_the_job_of_deploy_is_one_that_the_image_can_do(image, database_from, open_folder):
    """With no more rights than it has there: the baseline read-only, the root folder too, an ordinary user, bounded memory."""
    url = f"ROLLPROOF_DATABASE_URL={database_from(SHOP)}"
    taking, _ = pod(open_folder, writable=True)
    words, verify = pod(open_folder)
    start = ("run", "--rm", "--network", "host", "--env", url)
    taken = engine(*start, *taking, image, "capture", "--output", "/baseline/baseline.json")
    good = engine(*start, *words, image, *verify)

    assert taken.returncode == 0, taken.stderr
    assert (good.returncode, "\nVERIFIED: " in good.stdout) == (0, True), good.stdout + good.stderr
    assert "NOT written" not in good.stdout
    assert (open_folder / "reports" / "report.html").is_file()


def test_everything_is_compiled_and_nothing_more_is_there_than_needed(image):
    """A run may write no compiled module, and would compile each that is missing anew."""
    inside = ("run", "--rm", "--network", "none", "--entrypoint")

    assert engine(*inside, "python", image, "-c", NOT_COMPILED).stdout == "\n"
    assert engine(*inside, "find", image, "/opt/rollproof", "-writable", "-not", "-type", "l").stdout == ""
    assert engine(*inside, "id", image, "-u").stdout == "10001\n"
    assert engine(*inside, "python", image, "-m", "pip").returncode == 1
    assert engine(*inside, "rollproof", image, "verify", "--rehearse").returncode == 4


def test_the_image_says_what_it_is(image):
    [about] = json.loads(engine("image", "inspect", image).stdout)
    labels = about["Config"]["Labels"]

    assert labels["org.opencontainers.image.title"] == "rollproof"
    assert labels["org.opencontainers.image.licenses"] == "MIT"
    assert labels["org.opencontainers.image.version"] == "1.2.3"
    assert about["Config"]["Entrypoint"] == ["rollproof"]
    assert "Usage: rollproof" in engine("run", "--rm", image).stdout
