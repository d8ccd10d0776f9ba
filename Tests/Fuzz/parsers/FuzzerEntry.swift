import APIMachinery

/// libFuzzer's entry: the first byte chooses the parser, the others are its input. None may trap; see Tests/Fuzz/README.md.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    parsers[Int(choice) % parsers.count](Array(input.dropFirst()))
    return 0
}

/// The parsers of what clients send, except HTTP and pprof, which have fuzzers of their own.
private let parsers: [@Sendable ([UInt8]) -> Void] = [
    { bytes in
        guard let value = try? JSONValue.parse(bytes) else { return }
        precondition((try? JSONValue.parse(value.encoded())) == value)
    },
    { bytes in
        guard let documents = try? YAML.parseAll(bytes) else { return }
        for document in documents {
            precondition((try? YAML.parse(YAML.encode(document.value)).value) != nil)
        }
    },
    { bytes in
        guard let selector = try? LabelSelector(parsing: text(bytes)) else { return }
        precondition((try? LabelSelector(parsing: selector.description)) == selector)
    },
    { bytes in _ = try? FieldSelector(parsing: text(bytes)) },
    { bytes in
        let query = QueryItems(parsing: text(bytes))
        _ = try? ListOptions(query: query)
        _ = try? CreateOptions(query: query)
        _ = try? DeleteOptions(query: query)
    },
    { bytes in
        guard let token = try? ContinueToken(parsing: text(bytes)) else { return }
        precondition((try? ContinueToken(parsing: token.encoded)) == token)
    },
    { bytes in
        let header = text(bytes)
        let preferences = AnswerPreferences(accept: [header], userAgent: header, query: QueryItems(parsing: header))
        _ = try? Negotiated(preferences, for: .list(kind: "AList"))
        _ = try? RequestEncoding(contentType: header)
    },
    { bytes in
        guard let value = try? JSONValue.parse(bytes, limits: JSONLimits(depth: 64)) else { return }
        var errors = FieldErrorList()
        _ = ObjectMeta(json: value, errors: &errors)
        _ = LabelSelector(json: value, path: FieldPath("spec"), errors: &errors)
        if let patch = try? JSONPatch(value) { _ = try? patch.apply(to: value) }
        if let patch = try? MergePatch(value) { _ = patch.apply(to: value) }
    },
    { bytes in
        _ = Timestamp(rfc3339: text(bytes))?.rfc3339(fraction: .auto)
        _ = Duration(goDuration: text(bytes))?.goString
    },
]

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
