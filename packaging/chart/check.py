"""Renders the chart and checks the result. packaging/chart/check calls it with the paths of helm and kubeconform."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import kubernetes_validate
import yaml

CHART = Path("packaging/chart/outbox-relay")
FULL = Path("packaging/chart/test/full.yaml")
JAR = Path("relay-app/target/outbox-relay.jar")
# The oldest version that the chart allows, and the newest version whose schemas are available.
VERSIONS = ("1.25.0", "1.37.0")
KINDS = ("configmap-v1", "deployment-apps-v1", "networkpolicy-networking-v1", "poddisruptionbudget-policy-v1")
KINDS += ("service-v1", "serviceaccount-v1")
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
MONITORS = "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"
REFUSED = (
    ["--set", "replica=3"],
    ["--set", "replicas=-1"],
    ["--set", "image.digest=latest"],
    ["--set", "config.admin.port=9000"],
    ["--set", "terminationGracePeriodSeconds=20"],
    ["--set", "service.port=80"],
    ["--set", "serviceMonitor.interval=often"],
)

HELM, KUBECONFORM = sys.argv[1:]


def check(condition, sentence):
    if not condition:
        raise AssertionError(sentence)
    print(f"ok: {sentence}")


def called(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True)


def template(*options):
    # A helm that was built with Go assumes an old version of the cluster, so the version is given.
    return called(HELM, "template", "demo", CHART, "--kube-version", VERSIONS[-1], *options)


def render(*options):
    done = template(*options)
    if done.returncode != 0:
        raise AssertionError(f"helm template {options} failed: {done.stderr}")
    return done.stdout


def by_kind(text):
    return {one["kind"]: one for one in yaml.safe_load_all(text) if one}


def closed(schema):
    """Returns this schema of a custom resource, changed so that it refuses unknown fields."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    done = {key: closed(value) for key, value in schema.items()}
    if isinstance(done.get("properties"), dict) and "type" in done:
        done.setdefault("additionalProperties", False)
    return done


def monitor_schema(folder):
    """Writes the schema of a ServiceMonitor, from the operator's Go module. Returns False if it is not available."""
    if not shutil.which("go"):
        return False
    module = called("go", "mod", "download", "-json", OPERATOR)
    if module.returncode != 0:
        return False
    resource = yaml.safe_load((Path(json.loads(module.stdout)["Dir"]) / MONITORS).read_text())
    (version,) = [one for one in resource["spec"]["versions"] if one["name"] == "v1"]
    schema = closed(version["schema"]["openAPIV3Schema"])
    # The schema allows no field of the metadata, but Kubernetes does, so metadata may have any.
    schema["properties"]["metadata"] = {"type": "object"}
    (folder / "servicemonitor-monitoring-v1.json").write_text(json.dumps(schema))
    return True


def kubernetes_schemas(version, folder):
    """Writes the schemas of this version. Each contains its definitions, because kubeconform reads no further files."""
    source = Path(kubernetes_validate.__file__).parent / f"kubernetes-json-schema/v{version}-local-strict"
    inside = lambda text: text.replace("/api/_definitions.json#/$defs/", "#/$defs/").replace("#/$defs/", "#/definitions/")
    definitions = json.loads(inside((source / "_definitions.json").read_text()))["$defs"]
    target = folder / version
    target.mkdir()
    for kind in KINDS:
        schema = json.loads(inside((source / f"{kind}.json").read_text()))
        (target / f"{kind}.json").write_text(json.dumps({**schema, "definitions": definitions}))


def conform(text, version, folder, has_monitor):
    name = "{{ .ResourceKind }}{{ .KindSuffix }}.json"
    done = subprocess.run(
        [KUBECONFORM, "-strict", "-kubernetes-version", version]
        + ["-schema-location", f"{folder}/{version}/{name}", "-schema-location", f"{folder}/{name}"]
        + ([] if has_monitor else ["-skip", "ServiceMonitor"]),
        input=text,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def schemas(folder):
    has_monitor = monitor_schema(folder)
    if not has_monitor:
        print("LEFT OUT: the check of the ServiceMonitor, because the operator's Go module is not available.")
    for version in VERSIONS:
        kubernetes_schemas(version, folder)
    for name, options in (("small", ()), ("full", ("-f", FULL))):
        text = render(*options)
        for version in VERSIONS:
            code, said = conform(text, version, folder, has_monitor)
            check(code == 0, f"with {name} values it fits Kubernetes {version} {said}".strip())
    code, _ = conform(render().replace("replicas: 2", "replica: 2"), VERSIONS[-1], folder, has_monitor)
    check(code != 0, "an unknown field is noticed")


def values():
    for options in REFUSED:
        done = template(*options)
        check(done.returncode != 0, f"the schema of the values refuses {options[1]}")
    described = json.loads((CHART / "values.schema.json").read_text())["properties"]
    given = yaml.safe_load((CHART / "values.yaml").read_text())
    check(set(described) - {"global"} == set(given), "values and schema have the same names")


def parts():
    small = by_kind(render())
    full = by_kind(render("-f", FULL))
    everything = {"ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"}
    check(set(small) == everything, "small values give no ServiceMonitor")
    check(set(full) == everything | {"ServiceMonitor"}, "full values give everything")
    one = by_kind(render("--set", "replicas=1"))
    check("PodDisruptionBudget" not in one, "a single relay may be evicted")

    pod = full["Deployment"]["spec"]["template"]["spec"]
    (relay,) = pod["containers"]
    check(not any("valueFrom" in one for one in relay["env"]), "no secret is in the environment")
    mounts = {one["name"]: one["mountPath"] for one in relay["volumeMounts"]}
    check(mounts["secrets"] == "/run/secrets/outbox-relay", "secrets are files")
    check(relay["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"], "it is confined")
    paths = [relay[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")]
    check(paths == ["/health/live", "/health/live", "/health/ready"], "the probes ask the relay's health")
    check(full["Deployment"]["spec"]["replicas"] == 4, "four relays share the four shards")
    check(relay["image"].endswith("@sha256:" + "0" * 64), "a digest wins over the tag")
    policy = full["NetworkPolicy"]["spec"]
    check(policy["egress"] != [{}] and small["NetworkPolicy"]["spec"]["egress"] == [{}], "egress can be bounded")

    changed = by_kind(render("--set", "config.broker=rabbitmq"))
    note = lambda kinds: kinds["Deployment"]["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
    check(note(changed) != note(small), "another configuration replaces the pods")


def configuration(folder):
    """Lets the relay read the chart's file: 3 means no database, as expected; 2 would mean a mistake in the file."""
    if not (JAR.exists() and shutil.which("java")):
        print("LEFT OUT: the check that the relay reads the chart's configuration, because the jar or Java is missing.")
        return
    secrets = folder / "secrets"
    secrets.mkdir()
    for key in ("database-password", "admin-token"):
        (secrets / key).write_text("a-secret-of-sixteen-characters")
    for name, options in (("small", ()), ("full", ("-f", FULL, "--set", "config.database.tls=null"))):
        text = by_kind(render(*options))["ConfigMap"]["data"]["relay.yaml"]
        file = folder / f"{name}.yaml"
        file.write_text(text.replace("/run/secrets/outbox-relay", str(secrets)))
        environment = {**os.environ, "OUTBOX_RELAY_DATABASE_URI": "postgresql://relay@127.0.0.1:1/app"}
        words = ["java", "-XX:TieredStopAtLevel=1", "-jar", str(JAR), "-conf", str(file), "status"]
        done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=120)
        check(done.returncode == 3, f"the relay understands relay.yaml with {name} values" + (done.returncode != 3) * done.stderr)


lint = called(HELM, "lint", "--strict", CHART, "-f", FULL)
check(lint.returncode == 0, "helm lint --strict " + (lint.stdout if lint.returncode else "is content"))
with tempfile.TemporaryDirectory() as name:
    schemas(Path(name))
    values()
    parts()
    configuration(Path(name))
