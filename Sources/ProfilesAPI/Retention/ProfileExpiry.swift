internal import APIMachinery

/// `status.expiresAt` of an encoded Profile: its last member, so that it is changed without reading the rest.
///
/// An encoded Profile ends with `}}`, of its status and of itself; with an end, with `,"expiresAt":"2026-11-27T08:00:35Z"}}`, always as
/// long: no text inside can look like that, since quotes are escaped there.
enum ProfileExpiry {
    private static let end = Array("}}".utf8)
    private static let member = Array(",\"expiresAt\":\"".utf8)
    private static let quote = UInt8(ascii: "\"")
    /// `2026-11-27T08:00:35Z`
    private static let timeLength = 20

    /// The profile with that end, unix seconds; nil takes it away.
    static func stamp(_ object: EncodedObject, _ expiresAt: Int64?) -> EncodedObject {
        guard object.json.suffix(end.count).elementsEqual(end) else { return object }
        var json = object.json
        json.removeLast(end.count + (hasMember(json) ? member.count + timeLength + 1 : 0))
        let time = expiresAt.flatMap { Timestamp(seconds: $0) }.map { Array($0.rfc3339().utf8) }
        if let time, time.count == timeLength {
            json.reserveCapacity(json.count + member.count + timeLength + 1 + end.count)
            json += member
            json += time
            json.append(quote)
        }
        json += end
        return EncodedObject(
            json: json, metadata: object.metadata, cells: object.cells, createdAt: object.createdAt,
            resourceVersion: object.resourceVersion)
    }

    private static func hasMember(_ json: [UInt8]) -> Bool {
        let start = json.count - end.count - 1 - timeLength - member.count
        guard start >= 0, json[json.count - end.count - 1] == quote else { return false }
        return json[start..<(start + member.count)].elementsEqual(member)
    }
}
