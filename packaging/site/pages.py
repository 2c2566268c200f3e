"""Gathers the pages of the site: those of the repository, and the reference, which it makes from the program itself.

packaging/site/build calls it with the jar and an empty folder. A link to a file that is not a page of the site leads
to the repository. A link to a missing file is left unchanged, so that the generator refuses it.
"""

import os
import posixpath
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

PROJECT = Path.cwd()
PAGES = ["README.md", "RATIONALE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
PAGES += ["examples/employee-service/README.md", "load-tests/k6/README.md"]
PAGES += sorted(str(page) for page in Path("docs").rglob("*.md"))
ASSETS = (".png", ".svg")
LINK = re.compile(r"(\]\()([^)\s#]+)(#[^)]*)?(\))")
FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)
REPOSITORY = re.search(r"<release.url>(.*)</release.url>", Path("pom.xml").read_text()).group(1)


def site_link(page, match):
    start, target, anchor, end = match.groups()
    if "://" in target or target.startswith("mailto:"):
        return match.group()
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
    if path in PAGES or path.endswith(ASSETS) or not (PROJECT / path).exists():
        return match.group()
    kind = "tree" if (PROJECT / path).is_dir() else "blob"
    return f"{start}{REPOSITORY}/{kind}/main/{path}{anchor or ''}{end}"


def gather(folder):
    for page in PAGES:
        pieces = FENCE.split(Path(page).read_text())
        text = "".join(
            piece if piece.startswith("```") else LINK.sub(lambda match: site_link(page, match), piece)
            for piece in pieces
        )
        target = folder / page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for asset in Path("docs").rglob("*"):
        if asset.suffix in ASSETS:
            target = folder / asset
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(asset, target)


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def settings(file):
    """Returns name, default and explanation of each setting in a file of conf/; a test compares these with the code."""
    section, explanation, found = "", [], []
    for line in Path(file).read_text().splitlines():
        entry = re.match(r"(#?)(  )?([a-z][\w.*-]*):(?: (.*))?$", line)
        if line.startswith("# ") or re.match(r"  # ", line):
            explanation.append(line.strip().lstrip("# "))
        elif entry:
            _, inner, name, value = entry.groups()
            if value is None:
                section = name + "."
            else:
                section = section if inner else ""
                found.append((section + name, value, " ".join(explanation)))
            explanation = []
        elif not line.strip():
            explanation = []
    return found


def settings_page():
    text = "# Every setting\n\nFrom the files of `conf/`; a test holds their names and defaults to the code.\n"
    for broker in ("kafka", "rabbitmq"):
        rows = settings(f"conf/{broker}.yaml")
        if len(rows) < 40:
            raise AssertionError(f"only {len(rows)} settings were found in conf/{broker}.yaml")
        text += f"\n## With `broker: {broker}`\n\n| setting | value | is |\n|---|---|---|\n"
        text += "".join(f"| `{name}` | `{cell(value)}` | {cell(what)} |\n" for name, value, what in rows)
    return text


def help_of(jar, words):
    archive = Path(jar).with_suffix(".jsa")
    java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xlog:cds=off", "-Xlog:disable"]
    java += [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
    done = subprocess.run([*java, "-jar", jar, "help", *words], capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"})
    if done.returncode != 0:
        raise AssertionError(f"help {words} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def commands_page(jar):
    text = "# Every command\n\nAs `help COMMAND` prints it.\n"
    with ThreadPoolExecutor(2) as pool:
        pending = [[]]
        while pending:
            answers = list(pool.map(lambda words: help_of(jar, words), pending))
            further = []
            for words, answer in zip(pending, answers):
                title = " ".join(["outbox-relay", *words])
                text += f"\n## {title}\n\n```\n{answer.strip()}\n```\n"
                listed = re.search(r"^Commands:\n((?:  .*\n?)+)", answer, re.M)
                names = re.findall(r"^  ([a-z][a-z-]*)(?:,|\s{2,}|$)", listed.group(1), re.M) if listed else []
                further += [[*words, name] for name in names if name != "help"]
            pending = further
    if text.count("\n## ") < 20:
        raise AssertionError("fewer than 20 commands were found: " + text[:2000])
    return text


def api_page():
    document = yaml.safe_load(Path("relay-admin/src/main/resources/io/outboxrelay/admin/openapi.yaml").read_text())
    text = f"# HTTP API\n\n{document['info'].get('description', '')}\n\nFrom `openapi.yaml`, which the relay serves.\n"

    def resolved(one):
        while "$ref" in one:
            path = one["$ref"].removeprefix("#/").split("/")
            one = document
            for part in path:
                one = one[part]
        return one

    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            text += f"\n## {method.upper()} {path}\n\n{operation.get('summary', '')}\n\n{operation.get('description', '')}\n"
            parameters = [resolved(one) for one in shared + operation.get("parameters", [])]
            if parameters:
                text += "\n| parameter | in | is |\n|---|---|---|\n"
                for one in parameters:
                    text += f"| `{one['name']}` | {one['in']} | {cell(' '.join(one.get('description', '').split()))} |\n"
            text += "\n| answer | is |\n|---|---|\n"
            for status, answer in operation["responses"].items():
                text += f"| {status} | {cell(' '.join(resolved(answer).get('description', '').split()))} |\n"
    return text


def main(jar, folder):
    gather(folder)
    reference = folder / "reference"
    reference.mkdir()
    (reference / "settings.md").write_text(settings_page())
    (reference / "commands.md").write_text(commands_page(jar))
    (reference / "api.md").write_text(api_page())


main(sys.argv[1], Path(sys.argv[2]))
