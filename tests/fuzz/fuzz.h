/* A fuzz target reads files: here the input becomes one, in memory. */
#ifndef NVC_TESTS_FUZZ_H
#define NVC_TESTS_FUZZ_H

#include <config.h> /* memfd_create */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What must hold whatever the input is. */
#define FUZZ_CHECK(WHAT) ((WHAT) ? (void)0 : abort())

/* Path of a file of n bytes; `slot` (0, 1) tells two files of one target apart. */
static inline const char *fuzz_file(int slot, const void *data, size_t n)
{
    static struct { int fd; char path[40]; } files[2];
    if (!files[slot].fd) {
        files[slot].fd = memfd_create("fuzz", 0);
        (void)snprintf(files[slot].path, sizeof files[slot].path, "/proc/self/fd/%d", files[slot].fd);
    }
    if (ftruncate(files[slot].fd, 0) || pwrite(files[slot].fd, data, n, 0) != (ssize_t)n)
        abort();
    return files[slot].path;
}

#endif
