"""What the official Python client makes of the server: the dynamic and the custom-objects API, watches, pages, patches.

    client.py KUBECONFIG NAMESPACE PROFILE.pb.gz

Each check prints "ok NAME"; the first failure ends the program with a traceback.
"""

import base64
import json
import sys
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError
from openapi_spec_validator import validate

GROUP, VERSION = "profefe.io", "v1"
path, namespace, profile = sys.argv[1:4]
with open(profile, "rb") as file:
    data = base64.b64encode(file.read()).decode()


def ok(name):
    print("ok", name, flush=True)


def a_profile(service):
    return {
        "apiVersion": "profefe.io/v1",
        "kind": "Profile",
        "metadata": {"labels": {"app": service}},
        "spec": {"service": service, "type": "cpu", "data": data},
    }


def a_capture(name):
    return {
        "apiVersion": "profefe.io/v1",
        "kind": "ProfileCapture",
        "metadata": {"name": name},
        "spec": {"target": {"podName": "no-such-pod"}, "types": ["heap"]},
    }


def refused(status, call, *arguments, **more):
    try:
        call(*arguments, **more)
    except ApiException as error:
        assert error.status == status, (error.status, error.body)
        return error
    raise AssertionError(f"{call.__name__} was not refused")


def custom_objects(api):
    """CRUD by CustomObjectsApi."""
    names = []
    for number in range(12):
        made = api.create_namespaced_custom_object(GROUP, VERSION, namespace, "profiles", a_profile(f"s{number % 3}"))
        assert made["metadata"]["uid"] and made["status"]["sampleCount"] > 0 and "data" not in made["spec"]
        names.append(made["metadata"]["name"])
    ok("create")

    whole = api.list_namespaced_custom_object(GROUP, VERSION, namespace, "profiles")
    assert [item["metadata"]["name"] for item in whole["items"]] == sorted(names)
    chosen = api.list_namespaced_custom_object(GROUP, VERSION, namespace, "profiles", label_selector="app=s1")
    assert len(chosen["items"]) == 4
    chosen = api.list_cluster_custom_object(GROUP, VERSION, "profiles", field_selector="spec.service=s2")
    assert len(chosen["items"]) == 4
    ok("list with selectors")

    seen, token = [], None
    while True:
        more = {"_continue": token} if token else {}
        page = api.list_namespaced_custom_object(GROUP, VERSION, namespace, "profiles", limit=5, **more)
        assert page["metadata"]["resourceVersion"] == (version if seen else page["metadata"]["resourceVersion"])
        version = page["metadata"]["resourceVersion"]
        if not seen:
            # What comes meanwhile is not part of a list that has begun.
            late = api.create_namespaced_custom_object(GROUP, VERSION, namespace, "profiles", a_profile("late"))
            assert page["metadata"]["remainingItemCount"] == 7
        seen += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue")
        if not token:
            break
    assert seen == sorted(names), (seen, names)
    api.delete_namespaced_custom_object(GROUP, VERSION, namespace, "profiles", late["metadata"]["name"])
    ok("pages")

    one = names[0]
    changed = api.patch_namespaced_custom_object(
        GROUP, VERSION, namespace, "profiles", one, {"metadata": {"annotations": {"by": "python"}}},
        _content_type="application/merge-patch+json")
    assert changed["metadata"]["annotations"]["by"] == "python"
    changed = api.patch_namespaced_custom_object(
        GROUP, VERSION, namespace, "profiles", one,
        [{"op": "replace", "path": "/metadata/annotations/by", "value": "json patch"}],
        _content_type="application/json-patch+json")
    assert changed["metadata"]["annotations"]["by"] == "json patch"
    refused(415, api.patch_namespaced_custom_object, GROUP, VERSION, namespace, "profiles", one, {},
            _content_type="application/strategic-merge-patch+json")
    changed["metadata"]["labels"]["replaced"] = "yes"
    changed = api.replace_namespaced_custom_object(GROUP, VERSION, namespace, "profiles", one, changed)
    assert changed["metadata"]["labels"]["replaced"] == "yes"
    changed["metadata"]["resourceVersion"] = "1"
    refused(409, api.replace_namespaced_custom_object, GROUP, VERSION, namespace, "profiles", one, changed)
    refused(404, api.get_namespaced_custom_object, GROUP, VERSION, namespace, "profiles", "nope")
    error = refused(422, api.create_namespaced_custom_object, GROUP, VERSION, namespace, "profiles",
                    {**a_profile("x"), "metadata": {"labels": {"a b": "c"}}})
    assert '"reason":"Invalid"' in error.body
    ok("patch, replace and refusals")

    gone = api.delete_collection_namespaced_custom_object(
        GROUP, VERSION, namespace, "profiles", label_selector="app=s1")
    assert gone["kind"] == "ProfileList" and len(gone["items"]) == 4
    ok("delete collection")


def watches(api):
    """kubernetes.watch.Watch: the present, then changes; it resumes by itself behind a watch that ends."""
    version = api.list_namespaced_custom_object(
        GROUP, VERSION, namespace, "profilecaptures")["metadata"]["resourceVersion"]

    def work():
        for number in range(3):
            api.create_namespaced_custom_object(
                GROUP, VERSION, namespace, "profilecaptures", a_capture(f"watched-{number}"))
        for number in range(3):
            api.delete_namespaced_custom_object(
                GROUP, VERSION, namespace, "profilecaptures", f"watched-{number}")

    told = {}
    stream = watch.Watch()
    worker = threading.Thread(target=work)
    worker.start()
    # Each request ends after a second; Watch goes on from the last version by itself.
    while sum(kinds[-1] == "DELETED" for kinds in told.values()) < 3:
        for event in stream.stream(api.list_namespaced_custom_object, GROUP, VERSION, namespace, "profilecaptures",
                                   resource_version=version, timeout_seconds=1):
            metadata = event["object"]["metadata"]
            assert int(metadata["resourceVersion"]) > int(version), (metadata, version)
            version = metadata["resourceVersion"]
            told.setdefault(metadata["name"], []).append(event["type"])
    worker.join()
    for name, kinds in told.items():
        assert kinds[0] == "ADDED" and kinds[-1] == "DELETED", (name, kinds)
        assert set(kinds[1:-1]) <= {"MODIFIED"}, (name, kinds)
    ok("watch")


def dynamics(api_client):
    """The dynamic client: discovery, server-side apply, its own watch."""
    found = dynamic.DynamicClient(api_client)
    captures = found.resources.get(api_version="profefe.io/v1", kind="ProfileCapture")
    assert captures.namespaced and "pcap" in captures.short_names and "patch" in captures.verbs
    profiles = found.resources.get(api_version="profefe.io/v1", kind="Profile")
    assert len(profiles.get(namespace=namespace).items) == 8
    ok("discovery")

    applied = captures.server_side_apply(a_capture("applied"), name="applied", namespace=namespace,
                                         field_manager="python", force_conflicts=True)
    assert applied.metadata.managedFields[0].manager == "python"
    assert applied.metadata.managedFields[0].operation == "Apply"
    other = a_capture("applied")
    other["metadata"]["labels"] = {"app": "x"}
    captures.server_side_apply(other, name="applied", namespace=namespace, field_manager="one")
    other["metadata"]["labels"] = {"app": "y"}
    try:
        captures.server_side_apply(other, name="applied", namespace=namespace, field_manager="two")
        raise AssertionError("no conflict")
    except ConflictError as error:
        assert 'conflict with "one"' in json.loads(error.body)["message"], error.body
    ok("server-side apply")

    got = captures.get(name="applied", namespace=namespace)
    patched = captures.patch(body={"metadata": {"labels": {"app": "z"}}}, name="applied", namespace=namespace,
                             content_type="application/merge-patch+json")
    assert patched.metadata.labels.app == "z" and int(patched.metadata.resourceVersion) > int(
        got.metadata.resourceVersion)
    for event in captures.watch(namespace=namespace, name="applied", timeout=1):
        assert event["type"] == "ADDED" and event["object"].metadata.name == "applied"
    captures.delete(name="applied", namespace=namespace)
    try:
        captures.get(name="applied", namespace=namespace)
        raise AssertionError("it is still there")
    except NotFoundError:
        pass
    ok("dynamic client")


def documents(api_client):
    """The OpenAPI documents, as the OpenAPI initiative's JSON schemas and rules judge them."""
    for place in ("/openapi/v2", "/openapi/v3/apis/profefe.io/v1"):
        answer = api_client.rest_client.pool_manager.request("GET", api_client.configuration.host + place)
        assert answer.status == 200, (place, answer.status)
        validate(json.loads(answer.data))
    ok("OpenAPI")


config.load_kube_config(path)
with client.ApiClient() as connection:
    custom_objects(client.CustomObjectsApi(connection))
    watches(client.CustomObjectsApi(connection))
    dynamics(connection)
    documents(connection)
