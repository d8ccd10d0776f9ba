internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import Pprof
internal import ProfileReport

/// Makes the bytes of an answer; heavy work, for a thread that no event loop waits for.
struct AnalysisAnswer: Sendable {
    let analysed: AnalysedProfile
    let form: AnalysisForm
    let options: ReportOptions

    func response() throws -> APIResponse {
        let profile = analysed.profile
        switch form {
        case .table: return answer(ByteBuffer(bytes: TopTable(try TopReport(profile, options), analysed).encoded))
        case .json: return answer(ByteBuffer(string: document(try TopReport(profile, options))))
        case .text: return answer(ByteBuffer(string: try TopReport(profile, options).text))
        case .svg: return answer(ByteBuffer(string: try FlameGraph(profile, options).svg(title: analysed.title)))
        case .tree: return answer(ByteBuffer(string: try FlameGraph(profile, options).json() + "\n"))
        case .folded: return answer(ByteBuffer(string: try FoldedStacks(profile, options).text))
        case .speedscope:
            return answer(ByteBuffer(string: try SpeedscopeFile(profile, options, name: analysed.title).text + "\n"))
        case .dot: return answer(ByteBuffer(string: try DotGraph(profile, options).text))
        case .pprof: return answer(ByteBuffer(bytes: try filtered().gzipped()))
        }
    }

    /// A profile is sent with its `drop_frames` applied by whoever reads it, but with the filters of the request.
    private func filtered() throws(PprofError) -> ValidatedProfile {
        try analysed.profile.filtered(by: options.filter, budget: options.budget)
    }

    private func answer(_ body: ByteBuffer) -> APIResponse {
        var headers = analysed.headers
        headers.add(name: "content-type", value: form.mediaType)
        headers.add(name: "cache-control", value: "no-cache, private")
        headers.add(name: "x-content-type-options", value: "nosniff")
        // The picture has its style and script inside and must reach nothing, whatever name it shows.
        if form == .svg {
            headers.add(
                name: "content-security-policy",
                value:
                    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; sandbox allow-scripts")
        }
        if form == .pprof {
            headers.add(name: "content-disposition", value: "attachment; filename=\"\(fileName).pb.gz\"")
        }
        return APIResponse(status: .ok, headers: headers, body: .bytes(body))
    }

    /// The object's name without what a quoted string of a header can't have; a service's name is any text.
    private var fileName: String {
        String(
            analysed.name.unicodeScalars.map { scalar in
                let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                return isPlain || "-._".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
            })
    }

    private func document(_ top: TopReport) -> String {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.field("kind", ProfilesGroup.topKind)
        writer.field("apiVersion", ProfilesGroup.groupVersion.description)
        writer.key("metadata")
        writer.beginObject()
        writer.field("name", analysed.name)
        writer.field("namespace", analysed.namespace)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + ",\(top.jsonMembers)}\n"
    }
}
