/// The low three bits of a protobuf tag. Groups (3, 4) are refused; 6 and 7 don't exist.
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case length = 2
    case fixed32 = 5
}
