internal import CMalloc

/// How the process deals with memory that it no longer needs.
enum Memory {
    /// Lets glibc give memory back: by default each thread keeps an arena of its own, and the size from which a block is given back
    /// at once grows with the blocks that were freed (mallopt(3)). A server that has once sent a large body would keep it for ever.
    static func giveBack() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_TRIM_THRESHOLD, 4 << 20)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
    }
}
