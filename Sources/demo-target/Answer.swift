import HTTPTransport
import NIOHTTP1

/// An answer in the form Go gives it.
struct Answer: Sendable {
    let head: HTTPTransport.HTTPResponseHead
    let body: [UInt8]

    /// Bytes for `go tool pprof`, offered as a file.
    static func profile(_ name: String, _ bytes: [UInt8]) -> Answer {
        Answer(
            status: .ok,
            headers: [
                "Content-Type": "application/octet-stream", "Content-Disposition": "attachment; filename=\"\(name)\"",
                "X-Content-Type-Options": "nosniff",
            ], body: bytes)
    }

    /// `serveError` of `net/http/pprof`: the text and a line end.
    static func failure(_ status: HTTPResponseStatus, _ text: String) -> Answer {
        Answer(
            status: status,
            headers: [
                "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "X-Go-Pprof": "1",
            ],
            body: Array("\(text)\n".utf8))
    }

    /// What is outside of `/debug/pprof/`.
    static let notFound = Answer(
        status: .notFound, headers: ["Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"],
        body: Array("404 page not found\n".utf8))

    /// Go serves a page of links; this is a list.
    static let index = Answer(
        status: .ok, headers: ["Content-Type": "text/plain; charset=utf-8"],
        body: Array("allocs\nblock\ngoroutine\nheap\nmutex\nprofile\nthreadcreate\ntrace\n".utf8))

    private init(status: HTTPResponseStatus, headers: HTTPHeaders, body: [UInt8]) {
        head = HTTPTransport.HTTPResponseHead(status: status, headers: headers)
        self.body = body
    }
}
