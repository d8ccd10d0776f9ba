import NIOCore
import NIOHTTP1

/// The request whose turn it is, and how far its answer has come.
struct HTTP1Turn {
    /// How far the answer is.
    enum Answer {
        case unsent
        case streaming(HTTP1Framing)
        case sent
    }

    let exchange: HTTP1Exchange
    let pipe: RequestBodyPipe?
    let encoder: HTTP1ResponseEncoder
    let declaredLength: Int?
    var task: Task<Void, Never>?
    var answer = Answer.unsent
    /// The last byte of the request was read; true from the beginning where there is no body.
    var requestIsWhole: Bool
    /// The handler has begun to read the body.
    var isReading = false
    /// The client waits for `100 Continue`.
    var owesContinue: Bool
    /// The connection ends with this answer.
    var closes: Bool
    /// Bytes of the body that came, read or thrown away.
    var received = 0
    /// Bytes thrown away after the answer.
    var discarded = 0

    var isAnswered: Bool {
        if case .sent = answer { true } else { false }
    }

    var isUnsent: Bool {
        if case .unsent = answer { true } else { false }
    }

    /// The handler waits, or may wait, for bytes that the client owes.
    var awaitsBody: Bool { !requestIsWhole && !isAnswered && isReading && pipe?.bufferedBytes == 0 }

    /// Whether what is left of the body is worth reading to keep the connection.
    func isWorthDraining(upTo limit: Int) -> Bool {
        guard !requestIsWhole else { return true }
        guard !owesContinue else { return false }
        guard let declaredLength else { return true }
        return declaredLength - received <= limit
    }
}
