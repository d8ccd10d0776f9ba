internal import CYAML

/// One event of libyaml's parser, with its place.
struct YAMLEvent {
    enum Kind {
        case documentStart, documentEnd, streamEnd, sequenceEnd, mappingEnd, other
        case alias(String)
        case scalar(YAMLScalar)
        case sequenceStart(anchor: String?)
        case mappingStart(anchor: String?)
    }

    let kind: Kind
    let place: YAMLPlace
}

/// A scalar as it is written, not yet given a type.
struct YAMLScalar {
    let text: String
    let anchor: String?
    /// The whole tag, `tag:yaml.org,2002:str`; nil where none was written.
    let tag: String?
    /// Without quotes, and no block scalar.
    let isPlain: Bool
}

/// In characters: before the place, and lines and columns from 1.
struct YAMLPlace {
    let offset: Int
    let line: Int
    let column: Int

    init(_ mark: yaml_mark_t) {
        offset = Int(clamping: mark.index)
        line = Int(clamping: mark.line) + 1
        column = Int(clamping: mark.column) + 1
    }

    func error(_ code: YAMLError.Code, _ message: String) -> YAMLError {
        YAMLError(code: code, offset: offset, line: line, column: column, message: message)
    }
}

/// libyaml's parser over a copy of the bytes. It reads UTF-8 only, with or without a byte order mark.
struct YAMLEventReader: ~Copyable {
    // The parser and its input must not move, so both have memory of their own; freed in deinit.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(YAMLError) {
        input = .allocate(capacity: max(bytes.count, 1))
        _ = input.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            input.deallocate()
            throw YAMLError(code: .syntax, offset: 0, line: 1, column: 1, message: "libyaml has no memory")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { yaml_event_delete(&event) }  // Frees the texts, which are copied by then.
        return YAMLEvent(kind: kind(of: event), place: YAMLPlace(event.start_mark))
    }

    private func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_STREAM_END_EVENT: .streamEnd
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_END_EVENT: .mappingEnd
        case YAML_ALIAS_EVENT: .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT: .sequenceStart(anchor: text(event.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT: .mappingStart(anchor: text(event.data.mapping_start.anchor))
        case YAML_SCALAR_EVENT: .scalar(scalar(event))
        default: .other
        }
    }

    private func scalar(_ event: yaml_event_t) -> YAMLScalar {
        let scalar = event.data.scalar
        return YAMLScalar(
            text: String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self),
            anchor: text(scalar.anchor),
            tag: text(scalar.tag),
            isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    }

    private func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func problem() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text is no YAML"
        guard parser.pointee.error == YAML_READER_ERROR else {
            let context = parser.pointee.context.map { String(cString: $0) + ": " } ?? ""
            return YAMLPlace(parser.pointee.problem_mark).error(.syntax, context + problem)
        }
        let offset = Int(clamping: parser.pointee.problem_offset)
        let before = input.prefix(offset)
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return YAMLError(
            code: .encoding, offset: offset, line: before.count { $0 == 0x0A } + 1,
            column: before.count - lineStart + 1, message: problem)
    }
}
