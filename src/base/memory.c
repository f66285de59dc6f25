#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *nvc_array(size_t n, size_t size, struct nvc_error *err)
{
    void *p = size && n <= SIZE_MAX / 2 / size ? calloc(n ? n : 1, size) : NULL;
    if (!p)
        nvc_fail(err, NVC_ESYS, "out of memory (%zu x %zu bytes)", n, size);
    return p;
}

int nvc_grow(void *array, size_t *cap, size_t need, size_t size, struct nvc_error *err)
{
    void *old;
    size_t want = *cap ? *cap : 16;
    if (need <= *cap)
        return 0;
    while (want < need && want <= SIZE_MAX / 4 / size)
        want *= 2;
    memcpy(&old, array, sizeof old);
    void *p = want >= need ? realloc(old, want * size) : NULL;
    if (!p)
        return nvc_fail(err, NVC_ESYS, "out of memory (%zu x %zu bytes)", need, size);
    memcpy(array, &p, sizeof p);
    *cap = want;
    return 0;
}

char *nvc_strndup(const char *s, size_t n, struct nvc_error *err)
{
    char *p = nvc_array(n + 1, 1, err);
    if (p)
        memcpy(p, s, n);
    return p;
}

char *nvc_strdup(const char *s, struct nvc_error *err)
{
    return nvc_strndup(s, strlen(s), err);
}

char *nvc_sprintf(struct nvc_error *err, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *p = n < 0 ? NULL : nvc_array((size_t)n + 1, 1, err);
    if (p)
        (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return p;
}
