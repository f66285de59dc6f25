/* Files that a test makes and forgets, and gzip members to fill them with. */
#ifndef NVC_TESTS_SCRATCH_H
#define NVC_TESTS_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char scratch_dir[200];

static inline int scratch_begin(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    (void)snprintf(scratch_dir, sizeof scratch_dir, "%s/nvc-test-XXXXXX", tmp && strlen(tmp) < 150 ? tmp : "/tmp");
    return mkdtemp(scratch_dir) ? 0 : -1;
}

static inline int scratch_end(void **state)
{
    char command[256];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf '%s'", scratch_dir);
    return system(command);
}

/* Path of a scratch file; the last four calls stay valid. */
static inline const char *scratch_path(const char *name)
{
    static char path[4][300];
    static unsigned turn;
    char *p = path[turn++ % 4];
    (void)snprintf(p, sizeof path[0], "%s/%s", scratch_dir, name);
    return p;
}

static inline const char *scratch_file(const char *name, const void *data, size_t n)
{
    const char *path = scratch_path(name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, n, f) != n || fclose(f))
        abort();
    return path;
}

static inline const char *scratch_text(const char *name, const char *text)
{
    return scratch_file(name, text, strlen(text));
}

/* An empty file in folders that are made on the way. */
static inline void scratch_leaf(const char *name)
{
    const char *path = scratch_path(name);
    char folder[300];
    for (const char *slash = path + strlen(scratch_dir) + 1; (slash = strchr(slash, '/')); slash++) {
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        (void)mkdir(folder, 0777);
    }
    (void)scratch_file(name, "", 0);
}

/* One gzip member at `out`; returns its length. */
static inline size_t scratch_gzip(const void *data, size_t n, int level, gz_header *header, unsigned char *out, size_t cap)
{
    z_stream z = { .next_in = (Bytef *)(size_t)data, .avail_in = (uInt)n, .next_out = out, .avail_out = (uInt)cap };
    if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        (header && deflateSetHeader(&z, header) != Z_OK) || deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    size_t made = z.total_out;
    (void)deflateEnd(&z);
    return made;
}

#endif
