import APIMachinery
import Digests
import ProfileCapture
import TestSupport

@testable import ProfilesAPI

/// A Profile as a client sends it; `spec` is added to service, type and data.
func profileObject(
    _ fixture: ProfileFixture = .heap, name: String? = nil, labels: JSONObject = JSONObject(),
    _ spec: JSONObject = JSONObject()
) throws -> JSONValue {
    var metadata = JSONObject([("labels", .object(labels))])
    metadata["name"] = name.map { .string($0) }
    var all = JSONObject([
        ("service", "frontend"), ("type", .string(fixture.rawValue)),
        ("data", .string(Base64.encode(try fixture.bytes))),
    ])
    for (key, value) in spec { all[key] = value }
    return .object(
        JSONObject([
            ("apiVersion", "profefe.io/v1"), ("kind", "Profile"), ("metadata", .object(metadata)),
            ("spec", .object(all)),
        ]))
}

/// A ProfileCapture of namespace `shop`.
func captureObject(_ name: String, _ spec: JSONObject, metadata: JSONObject = JSONObject()) -> JSONValue {
    var meta = JSONObject([("name", .string(name))])
    for (key, value) in metadata { meta[key] = value }
    return .object(
        JSONObject([
            ("apiVersion", "profefe.io/v1"), ("kind", "ProfileCapture"), ("metadata", .object(meta)),
            ("spec", .object(spec)),
        ]))
}

/// A name that a profile may have.
let sampleXID = "dc1b4db8di1926omun9g"

extension JSONValue {
    /// The value at a path of member names, `/` between them.
    func at(_ path: String) -> JSONValue? {
        path.split(separator: "/").reduce(self) { value, name in value?[String(name)] }
    }
}

/// The same under the name `now`.
func captureObject(_ spec: JSONObject, metadata: JSONObject = JSONObject()) -> JSONValue {
    captureObject("now", spec, metadata: metadata)
}
