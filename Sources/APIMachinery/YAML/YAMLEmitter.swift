internal import CYAML

/// libyaml's emitter, fed with a JSON value.
struct YAMLEmitter: ~Copyable {
    // The emitter must not move, and neither must what it writes to; both freed in deinit.
    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    private let output: UnsafeMutablePointer<[UInt8]>
    private var failed = false

    init() {
        emitter = .allocate(capacity: 1)
        emitter.initialize(to: yaml_emitter_t())
        output = .allocate(capacity: 1)
        output.initialize(to: [])
        failed = yaml_emitter_initialize(emitter) != 1
        yaml_emitter_set_unicode(emitter, 1)
        yaml_emitter_set_output(
            emitter,
            { output, buffer, size in
                guard let output, let buffer else { return 0 }
                let bytes = UnsafeBufferPointer(start: buffer, count: size)
                output.assumingMemoryBound(to: [UInt8].self).pointee.append(contentsOf: bytes)
                return 1
            }, output)
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deallocate()
        output.deinitialize(count: 1)
        output.deallocate()
    }

    /// The document. Should libyaml refuse, which takes a lack of memory, the answer is JSON, and so YAML too.
    mutating func document(_ value: JSONValue) -> [UInt8] {
        emit { yaml_stream_start_event_initialize($0, YAML_UTF8_ENCODING) }
        emit { yaml_document_start_event_initialize($0, nil, nil, nil, 1) }
        node(value)
        emit { yaml_document_end_event_initialize($0, 1) }
        emit { yaml_stream_end_event_initialize($0) }
        if failed { return value.encoded() + [0x0A] }
        // A root that is a block scalar keeping its newlines ends with "...", which is right but not wanted.
        return output.pointee
    }

    /// Recursive: a value's depth is bounded where it came from.
    private mutating func node(_ value: JSONValue) {
        switch value {
        case .null: plain("null")
        case .bool(let value): plain(value ? "true" : "false")
        case .integer(let value): plain(String(value))
        case .number(let number): plain(number.literal)
        case .string(let text): string(text)
        case .array(let elements):
            emit { yaml_sequence_start_event_initialize($0, nil, nil, 1, YAML_BLOCK_SEQUENCE_STYLE) }
            for element in elements { node(element) }
            emit { yaml_sequence_end_event_initialize($0) }
        case .object(let object):
            emit { yaml_mapping_start_event_initialize($0, nil, nil, 1, YAML_BLOCK_MAPPING_STYLE) }
            for (key, value) in object.sorted(by: { YAMLKeyOrder.precedes($0.key, $1.key) }) {
                string(key)
                node(value)
            }
            emit { yaml_mapping_end_event_initialize($0) }
        }
    }

    private mutating func string(_ text: String) {
        if YAMLScalar.needsEscapes(text) {
            scalar(text, YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        } else if text.utf8.contains(0x0A) {
            scalar(text, YAML_LITERAL_SCALAR_STYLE)
        } else {
            scalar(text, YAMLScalar.isAmbiguous(text) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE)
        }
    }

    private mutating func plain(_ text: String) { scalar(text, YAML_PLAIN_SCALAR_STYLE) }

    /// The style is a wish: libyaml takes a stricter one where that can't hold the text.
    private mutating func scalar(_ text: String, _ style: yaml_scalar_style_t) {
        var text = text
        text.withUTF8 { utf8 in
            guard let length = Int32(exactly: utf8.count) else {
                failed = true
                return
            }
            // An empty string may have no address, which libyaml refuses.
            var nothing: UInt8 = 0
            withUnsafePointer(to: &nothing) { nothing in
                emit { yaml_scalar_event_initialize($0, nil, nil, utf8.baseAddress ?? nothing, length, 1, 1, style) }
            }
        }
    }

    private mutating func emit(_ make: (UnsafeMutablePointer<yaml_event_t>) -> Int32) {
        guard !failed else { return }
        var event = yaml_event_t()
        // yaml_emitter_emit owns the event from here, also when it fails.
        if make(&event) != 1 || yaml_emitter_emit(emitter, &event) != 1 { failed = true }
    }
}

extension YAMLScalar {
    /// Whether the text has characters that YAML takes as line breaks, or can't hold raw (NEL, LS, PS, the byte order
    /// mark, CR), so that only double quotes give it back unchanged.
    static func needsEscapes(_ text: String) -> Bool {
        for byte in text.utf8 where byte >= 0x80 || byte == 0x0D {
            return text.unicodeScalars.contains { "\r\u{85}\u{2028}\u{2029}\u{FEFF}".unicodeScalars.contains($0) }
        }
        return false
    }
}
