public import APIMachinery

/// What is around every JSON answer of profefe: `{"code":200,"body":…}`, or `{"code":404,"error":"nothing found"}`.
///
/// Its content type says nothing: profefe labels these `text/plain` and `application/octet-stream` too.
public struct CollectorEnvelope: Sendable, Equatable {
    /// The HTTP status once more.
    public let code: Int
    /// What was asked for; nil where something failed.
    public let body: JSONValue?
    /// What failed; nil or empty where nothing did.
    public let error: String?

    /// An envelope of its parts.
    public init(code: Int, body: JSONValue? = nil, error: String? = nil) {
        self.code = code
        self.body = body
        self.error = error
    }

    /// Reads an answer; members that it doesn't know don't matter.
    ///
    /// - Throws: `.notJSON`, `.badShape`.
    public init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits(depth: 16)) throws(WireError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue.parse(bytes, limits: limits)
        } catch {
            throw WireError(.notJSON, "the answer is no JSON: \(error)")
        }
        guard let code = json["code"]?.integerValue.flatMap({ Int(exactly: $0) }) else {
            throw WireError(.badShape, "the answer has no code, which profefe's answers have")
        }
        let error = json["error"]
        guard error.map({ $0.isNull || $0.stringValue != nil }) ?? true else {
            throw WireError(.badShape, "error: must be a text, not \(error?.typeName ?? "")")
        }
        let body = json["body"]
        // A bare `nil` would be a JSONValue here.
        self.init(code: code, body: body?.isNull ?? true ? .none : body, error: error?.stringValue)
    }
}

// What is in it.

extension CollectorEnvelope {
    /// The one profile of the answer to a profile sent.
    public func profile() throws(WireError) -> CollectorProfile {
        guard let body else { throw WireError(.badShape, "the answer has no body") }
        return try CollectorProfile(json: body, at: "body")
    }

    /// The profiles of the answer of a search.
    public func profiles() throws(WireError) -> [CollectorProfile] {
        var profiles: [CollectorProfile] = []
        for (number, element) in try elements().enumerated() {
            profiles.append(try CollectorProfile(json: element, at: "body[\(number)]"))
        }
        return profiles
    }

    /// The names of the answer of `/services`.
    public func services() throws(WireError) -> [String] {
        var services: [String] = []
        for (number, element) in try elements().enumerated() {
            guard let name = element.stringValue else {
                throw WireError(.badShape, "body[\(number)]: must be a text, not \(element.typeName)")
            }
            services.append(name)
        }
        return services
    }

    private func elements() throws(WireError) -> [JSONValue] {
        guard let elements = body?.arrayValue else {
            throw WireError(.badShape, "body: must be an array, not \(body?.typeName ?? "missing")")
        }
        return elements
    }
}

// The answers themselves, each with a line feed at its end as profefe writes them.

extension CollectorEnvelope {
    /// `{"code":200,"body":…}`
    ///
    /// - Parameter capacity: bytes to reserve.
    public static func encode(capacity: Int = 256, body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        writer.object { writer in
            writer.field("code", 200)
            writer.key("body")
            body(&writer)
        }
        writer.bytes.append(0x0a)
        return writer.bytes
    }

    /// `{"code":…,"error":"…"}`
    public static func encode(code: Int, error: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            writer.field("code", code)
            writer.fieldIfPresent("error", error)
        }
        return writer.bytes + [0x0a]
    }
}
