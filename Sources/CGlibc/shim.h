#pragma once
// What Swift's Glibc module lacks: mallopt(3), malloc_trim(3), preadv2(2).
#include <malloc.h>
#include <sys/uio.h>

// glibc declares it for _GNU_SOURCE only, which would give fd_set other fields here than in the other modules.
extern ssize_t preadv2(int file, const struct iovec *parts, int count, off_t offset, int flags);

// Fails with EAGAIN where it would wait for a disk: flag RWF_NOWAIT of linux/fs.h.
static inline ssize_t shim_pread_nowait(int file, void *target, size_t count, off_t offset) {
    struct iovec part = {target, count};
    return preadv2(file, &part, 1, offset, 0x00000008);
}
