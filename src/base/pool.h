/* Interned text and tuples: every distinct string is stored once, so that equal means the same pointer,
 * and tuples of such pointers are numbered in the order in which they first came. */
#ifndef NVC_BASE_POOL_H
#define NVC_BASE_POOL_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct nvc_pool { /* zero it before use */
    char **blocks;
    size_t n_blocks, cap_blocks, used; /* bytes used of the last block */
    const char **slots;                /* open addressing, a power of two */
    size_t n, n_slots;
};
/* The one copy of s, living as long as the pool; NULL with err set (NVC_ESYS) when memory is out. */
const char *nvc_pool_add(struct nvc_pool *p, const char *s, struct nvc_error *err) NVC_CHECKED;
/* The copy of s when there is one, else NULL. */
const char *nvc_pool_find(const struct nvc_pool *p, const char *s);
void nvc_pool_release(struct nvc_pool *p);

struct nvc_tuples { /* set `width` (pointers per tuple), zero the rest */
    size_t width;
    const char **items; /* n x width, tuple i at items + i * width */
    size_t n, cap;
    uint32_t *slots;
    size_t n_slots;
};
/* Number of the tuple, which is added when new (then == the n from before). */
int nvc_tuples_add(struct nvc_tuples *t, const char *const *tuple, size_t *number, struct nvc_error *err) NVC_CHECKED;
/* Number of a tuple that is there, else SIZE_MAX. */
size_t nvc_tuples_find(const struct nvc_tuples *t, const char *const *tuple);
void nvc_tuples_release(struct nvc_tuples *t);

#endif
