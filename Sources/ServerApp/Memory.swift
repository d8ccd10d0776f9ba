internal import APIServer
internal import CGlibc

/// How the process deals with memory that it no longer needs.
enum Memory {
    /// Lets glibc give memory back: by default each thread keeps an arena of its own, and the size from which a block is given back
    /// at once grows with the blocks that were freed (mallopt(3)). A server that has once sent a large body would keep it for ever.
    static func giveBack() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_TRIM_THRESHOLD, 4 << 20)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
    }

    /// What the program holds, which resident memory doesn't tell: the allocator keeps free memory, too (mallinfo2(3)).
    static func register(in registry: MetricsRegistry) {
        let inUse = registry.gauges("profefe_heap_in_use_bytes", "Memory allocated and not freed.").with()
        registry.beforeExposition {
            let info = mallinfo2()
            inUse.set(Double(info.uordblks) + Double(info.hblkhd))
        }
    }
}
