/// The order of goyaml.v2's keys (sorter.go): by character, but runs of digits by their number, and everything
/// before letters.
enum YAMLKeyOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        let a = Array(left.unicodeScalars), b = Array(right.unicodeScalars)
        guard let at = a.indices.first(where: { $0 < b.count && a[$0] != b[$0] }) else { return a.count < b.count }
        let leftIsLetter = a[at].properties.isAlphabetic, rightIsLetter = b[at].properties.isAlphabetic
        if leftIsLetter && rightIsLetter { return a[at] < b[at] }
        if leftIsLetter || rightIsLetter { return rightIsLetter }
        // Zeros inside a number count; those before it don't.
        var start: UInt64 = 0
        if a[at] == "0" || b[at] == "0" {
            let before = a[..<at].reversed().prefix { isDigit($0) }
            if before.contains(where: { $0 != "0" }) { start = 1 }
        }
        let (leftNumber, leftEnd) = number(a, at, start), (rightNumber, rightEnd) = number(b, at, start)
        if leftNumber != rightNumber { return leftNumber < rightNumber }
        if leftEnd != rightEnd { return leftEnd < rightEnd }
        return a[at] < b[at]
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Held at the greatest number, so that the order stays one.
    private static func number(_ text: [Unicode.Scalar], _ start: Int, _ sum: UInt64) -> (UInt64, end: Int) {
        var sum = sum
        var at = start
        while at < text.count, isDigit(text[at]) {
            let (product, overflow) = sum.multipliedReportingOverflow(by: 10)
            let (next, overflowToo) = product.addingReportingOverflow(UInt64(text[at].value - 0x30))
            sum = overflow || overflowToo ? .max : next
            at += 1
        }
        return (sum, at)
    }
}
