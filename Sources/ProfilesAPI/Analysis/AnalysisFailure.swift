internal import APIMachinery
internal import Pprof
internal import ProfileReport

/// What a failure of the engine means to a client: his parameters 400, too much 413, else a fault of ours.
enum AnalysisFailure {
    static func statusError(_ error: PprofError) -> StatusError {
        switch error.code {
        case .incompatible, .badPattern, .patternTooCostly: .badRequest("\(error)").caused(by: error)
        case .limitExceeded, .packedTooLarge, .unpackedTooLarge: .requestEntityTooLarge("\(error)").caused(by: error)
        default: .internalError("a stored profile can't be analysed: \(error)").caused(by: error)
        }
    }

    static func statusError(_ error: ReportError) -> StatusError {
        switch error.code {
        case .tooLarge: .requestEntityTooLarge(error.message).caused(by: error)
        default: .badRequest(error.message).caused(by: error)
        }
    }

    /// The same for whatever the engine throws; other errors stay.
    static func translating<Success>(_ body: () throws -> Success) throws -> Success {
        do {
            return try body()
        } catch let error as PprofError {
            throw statusError(error)
        } catch let error as ReportError {
            throw statusError(error)
        }
    }
}
