/// The open streams of a connection, each in the place it says itself: to add and to remove one takes no search.
struct HTTP2Streams {
    private var places: [HTTP2Stream?] = []
    private var free: [Int] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// All of them; a copy, so that those may end meanwhile.
    var all: [HTTP2Stream] { places.compactMap { $0 } }

    mutating func insert(_ stream: HTTP2Stream) {
        count += 1
        guard let place = free.popLast() else {
            stream.place = places.count
            return places.append(stream)
        }
        stream.place = place
        places[place] = stream
    }

    /// Nothing happens if it isn't there.
    mutating func remove(_ stream: HTTP2Stream) {
        guard places.indices.contains(stream.place), places[stream.place] === stream else { return }
        places[stream.place] = nil
        free.append(stream.place)
        count -= 1
    }
}
