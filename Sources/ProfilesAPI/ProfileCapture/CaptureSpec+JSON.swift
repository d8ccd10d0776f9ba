internal import APIMachinery
internal import ProfileCapture
internal import ProfileStore

/// Reads `spec` of a ProfileCapture that fits its schema, and checks what a schema can't say.
struct CaptureSpecReader {
    private(set) var errors = FieldErrorList()
    private let spec: JSONValue
    private let path = FieldPath("spec")

    init(_ spec: JSONValue) { self.spec = spec }

    /// The spec; nil if there are ``errors``.
    mutating func read() -> CaptureSpec? {
        let target = target()
        var result = CaptureSpec(target: target ?? .pod(""))
        result.container = spec["container"]?.stringValue
        result.maxPods = integer("maxPods") ?? result.maxPods
        result.types = (spec["types"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(ProfileType.init) }
        result.duration =
            duration(spec["duration"], path.child("duration"), Self.durations, wholeSeconds: true) ?? result.duration
        result.delta = spec["delta"]?.boolValue ?? false
        result.endpoint = endpoint()
        result.parallelism = integer("parallelism") ?? result.parallelism
        result.retry = retry()
        result.activeDeadline = integer("activeDeadlineSeconds").map { .seconds($0) } ?? result.activeDeadline
        result.service = spec["service"]?.stringValue
        if let service = result.service, let fault = ProfileOrigin.fault(ofService: service) {
            errors.append(.invalid(path.child("service"), .text(service), fault))
        }
        if let container = result.container {
            Names.dns1123Label(container).forEach {
                errors.append(.invalid(path.child("container"), .text(container), $0))
            }
        }
        result.profileLabels = profileLabels()
        checkDeadline(result)
        return errors.isEmpty && target != nil ? result : nil
    }

    /// A deadline that comes before the end of a timed profile can only fail.
    private mutating func checkDeadline(_ spec: CaptureSpec) {
        let isTimed = spec.delta || spec.types.contains(.cpu) || spec.types.contains(.trace)
        guard isTimed, spec.activeDeadline <= spec.duration else { return }
        let seconds = spec.activeDeadline.components.seconds
        errors.append(
            .invalid(
                path.child("activeDeadlineSeconds"), .integer(seconds),
                "must be longer than spec.duration, which is \(spec.duration.goString)"))
    }

    private static let durations = Duration.seconds(1)...Duration.seconds(300)
    private static let backoffs = Duration.milliseconds(1)...Duration.seconds(300)

    private func integer(_ name: String) -> Int? {
        spec[name]?.integerValue.flatMap { Int(exactly: $0) }
    }

    private mutating func target() -> CaptureSpec.Target? {
        let place = path.child("target")
        let target = spec["target"]
        switch (target?["podName"]?.stringValue, target?["selector"]) {
        case (let name?, nil):
            let faults = Names.dns1123Subdomain(name)
            faults.forEach { errors.append(.invalid(place.child("podName"), .text(name), $0)) }
            return faults.isEmpty ? .pod(name) : nil
        case (nil, let selector?):
            let before = errors.errors.count
            let parsed = LabelSelector(json: selector, path: place.child("selector"), errors: &errors)
            return errors.errors.count == before ? .selector(parsed) : nil
        case (nil, nil):
            errors.append(.required(place, "one of podName and selector"))
        case (_?, _?):
            errors.append(.forbidden(place, "exactly one of podName and selector may be given"))
        }
        return nil
    }

    private mutating func duration(
        _ value: JSONValue?, _ place: FieldPath, _ range: ClosedRange<Duration>, wholeSeconds: Bool
    ) -> Duration? {
        guard let text = value?.stringValue else { return nil }
        guard let duration = Duration(goDuration: text), range.contains(duration),
            !wholeSeconds || duration.components.attoseconds == 0
        else {
            let bounds = "from \(range.lowerBound.goString) to \(range.upperBound.goString)"
            errors.append(
                .invalid(place, .text(text), "must be \(wholeSeconds ? "whole seconds" : "a duration") \(bounds)"))
            return nil
        }
        return duration
    }

    private mutating func endpoint() -> ProfilingEndpoint {
        let place = path.child("endpoint")
        let value = spec["endpoint"]
        var endpoint = ProfilingEndpoint()
        endpoint.scheme = value?["scheme"]?.stringValue.flatMap(ProfilingEndpoint.Scheme.init)
        if let path = value?["path"]?.stringValue {
            endpoint.path = path
            if !ProfilingEndpoint.isLegalPath(path) {
                errors.append(
                    .invalid(
                        place.child("path"), .text(path), "must be an absolute path without \"..\", query or escapes"))
            }
        }
        if let port = value?["port"] {
            let text = port.stringValue ?? port.integerValue.map { String($0) } ?? ""
            endpoint.port = PortReference(text)
            if endpoint.port == nil {
                errors.append(.invalid(place.child("port"), .text(text), "must be 1 to 65535 or a port name"))
            }
        }
        return endpoint
    }

    private mutating func retry() -> CaptureSpec.Retry {
        var retry = CaptureSpec.Retry()
        retry.limit = spec["retry"]?["limit"]?.integerValue.flatMap { Int(exactly: $0) } ?? retry.limit
        let place = path.child("retry").child("backoff")
        retry.backoff = duration(spec["retry"]?["backoff"], place, Self.backoffs, wholeSeconds: false) ?? retry.backoff
        return retry
    }

    private mutating func profileLabels() -> [(key: String, value: String)] {
        var labels: [(key: String, value: String)] = []
        for (key, value) in spec["profileLabels"]?.objectValue ?? JSONObject() {
            let place = path.child("profileLabels").key(key)
            if ProfileLabels.isOwn(key) {
                errors.append(.forbidden(place, "labels under profefe.io/ are set by the server"))
            } else if key == "namespace" {
                errors.append(.forbidden(place, "the namespace is that of the capture"))
            }
            labels.append((key, value.stringValue ?? ""))
        }
        let place = path.child("profileLabels")
        ProfileLabels.check(labels, place, &errors) { place.key(labels[$0].key) }
        return labels
    }
}
