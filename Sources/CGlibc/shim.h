#pragma once
// What Swift's Glibc module lacks.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
// mallopt(3), malloc_trim(3).
#include <malloc.h>
#include <sys/uio.h>

// preadv2(2) with RWF_NOWAIT: fails with EAGAIN where it would wait for a disk. The flag is a macro.
static inline ssize_t shim_pread_nowait(int file, void *target, size_t count, off_t offset) {
    struct iovec part = {target, count};
    return preadv2(file, &part, 1, offset, RWF_NOWAIT);
}
