/// The work of a web shop, done for nobody: sorting, hashing, text, matrices, a cache that grows and is trimmed.
///
/// Every function publishes its frame on the worker's stack, so that the profiles tell what really ran, how often and for how long.
struct Shop {
    let stack: CallStack
    let ledger: HeapLedger
    let catalog: CountedLock
    private var random: UInt64
    private var cache: [CachedPage] = []

    private struct CachedPage {
        let bytes: [UInt8]
        let site: Stack
    }

    init(stack: CallStack, ledger: HeapLedger, catalog: CountedLock, seed: UInt64) {
        self.stack = stack
        self.ledger = ledger
        self.catalog = catalog
        random = seed
    }

    /// One request of an imagined customer.
    mutating func serve() {
        stack.call(Frame("Shop.serve")) {
            switch next() % 10 {
            case 0..<5: showCatalog()
            case 5..<8: checkOut()
            default: recommend()
            }
        }
    }

    private mutating func showCatalog() {
        stack.call(Frame("Shop.showCatalog")) {
            let prices = sortedPrices()
            let page = renderPage(prices)
            remember(page)
        }
    }

    private mutating func sortedPrices() -> [UInt64] {
        stack.call(Frame("Shop.sortedPrices")) {
            var prices: [UInt64] = []
            for _ in 0..<2_000 { prices.append(next() % 100_000) }
            return catalog.withLock(stack) { stack.call(Frame("Array.sorted")) { prices.sorted() } }
        }
    }

    private func renderPage(_ prices: [UInt64]) -> [UInt8] {
        stack.call(Frame("Shop.renderPage")) {
            var page: [UInt8] = []
            for price in prices {
                stack.call(Frame("Shop.renderRow")) {
                    page.append(contentsOf: "<tr><td>\(price / 100).\(price % 100)</td></tr>\n".utf8)
                }
            }
            return page
        }
    }

    private mutating func checkOut() {
        stack.call(Frame("Shop.checkOut")) {
            let salt = next()
            let hash = stack.call(Frame("Shop.hash")) { Self.hash(rounds: 60_000, salt) }
            let receipt = stack.call(Frame("Shop.writeReceipt")) { Array("receipt \(hash)".utf8) }
            remember(receipt)
        }
    }

    private static func hash(rounds: Int, _ salt: UInt64) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for round in 0..<rounds {
            hash ^= salt &+ UInt64(truncatingIfNeeded: round)
            hash = (hash &* 0x0000_0100_0000_01B3) ^ (hash >> 29)
        }
        return hash
    }

    private mutating func recommend() {
        stack.call(Frame("Shop.recommend")) {
            let size = 24
            let left = stack.call(Frame("Shop.matrix")) { matrix(size) }
            let right = stack.call(Frame("Shop.matrix")) { matrix(size) }
            let product = stack.call(Frame("Shop.multiply")) { Self.multiply(left, right, size) }
            catalog.withLock(stack) {
                stack.call(Frame("Shop.rankProducts")) { remember(product.map { UInt8(truncatingIfNeeded: $0) }) }
            }
        }
    }

    private mutating func matrix(_ size: Int) -> [UInt64] {
        var cells: [UInt64] = []
        for _ in 0..<(size * size) { cells.append(next() % 1000) }
        return cells
    }

    private static func multiply(_ left: [UInt64], _ right: [UInt64], _ size: Int) -> [UInt64] {
        var product = [UInt64](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0..<size {
                var sum: UInt64 = 0
                for index in 0..<size { sum &+= left[row * size + index] &* right[index * size + column] }
                product[row * size + column] = sum
            }
        }
        return product
    }

    /// Keeps the newest 64 pages.
    private mutating func remember(_ page: [UInt8]) {
        stack.call(Frame("Shop.remember")) {
            let site = stack.current
            cache.append(CachedPage(bytes: page, site: site))
            ledger.allocated(page.count, at: site)
            if cache.count > 64 {
                let evicted = cache.removeFirst()
                ledger.freed(evicted.bytes.count, at: evicted.site)
            }
        }
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Who holds how much memory, by the place that asked for it; a row is (allocations, bytes, living, living bytes).
final class HeapLedger: Sendable {
    let table = SiteTable()

    func allocated(_ bytes: Int, at site: Stack) {
        table.add(site, [1, Int64(bytes), 1, Int64(bytes)])
    }

    func freed(_ bytes: Int, at site: Stack) {
        table.add(site, [0, 0, -1, -Int64(bytes)])
    }
}
