internal import CDeflate
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// gzip for large answers (conformance 5.5).
///
/// Compressed is a whole body of more than 128 KiB that answers a request about objects, where the client names `gzip` in
/// `Accept-Encoding`: at level 1, as kube-apiserver does. Streams are sent as they are — watches, and lists without a limit that
/// have more than one page: to compress them whole, they would have to be in memory whole. Subresources, such as downloads, are
/// none of it either.
struct ResponseCompression: Sendable {
    /// Bodies up to this size are cheaper to send than to compress.
    static let threshold = 128 << 10
    private static let level: CInt = 1

    /// Whether the answer is large, and its client takes gzip.
    func applies(to response: APIResponse, for request: AuthorizedRequest) -> Bool {
        guard case .bytes(let body) = response.body, body.readableBytes > Self.threshold else { return false }
        return request.info.subresource.isEmpty && Self.isAccepted(request.http.head.headers)
    }

    /// The answer compressed; as it is where there is no memory for it.
    func compress(_ response: APIResponse) async -> APIResponse {
        guard case .bytes(let body) = response.body, let packed = await offEventLoop({ Self.pack(body) })
        else { return response }
        var response = response
        response.body = .bytes(packed)
        response.headers.replaceOrAdd(name: "content-encoding", value: "gzip")
        response.headers.add(name: "vary", value: "Accept-Encoding")
        return response
    }

    /// Whether one of the tokens is `gzip` as it stands; one with a quality isn't read, as in kube-apiserver.
    private static func isAccepted(_ headers: HTTPHeaders) -> Bool {
        headers[canonicalForm: "accept-encoding"].contains { $0 == "gzip" }
    }

    /// The bytes as one gzip member; nil if there is no memory for it.
    private static func pack(_ body: ByteBuffer) -> ByteBuffer? {
        guard let compressor = libdeflate_alloc_compressor(level) else { return nil }
        defer { libdeflate_free_compressor(compressor) }
        let bound = libdeflate_gzip_compress_bound(compressor, body.readableBytes)
        var packed = ByteBufferAllocator().buffer(capacity: bound)
        let written = packed.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { output in
            body.withUnsafeReadableBytes { input in
                libdeflate_gzip_compress(compressor, input.baseAddress, input.count, output.baseAddress, output.count)
            }
        }
        return written > 0 ? packed : nil
    }
}
