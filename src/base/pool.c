#include "base/pool.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 16 };

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

static uint64_t hash_text(const char *s, size_t n)
{
    uint64_t h = n, x = 0;
    for (; n >= 8; n -= 8, s += 8) {
        memcpy(&x, s, 8);
        h = mix(h, x);
    }
    x = 0;
    memcpy(&x, s, n);
    return mix(h, x);
}

/* The slot that holds s or where it would go. */
static size_t place_of(const struct nvc_pool *p, const char *s, size_t len)
{
    size_t at = hash_text(s, len) & (p->n_slots - 1);
    while (p->slots[at] && strcmp(p->slots[at], s))
        at = (at + 1) & (p->n_slots - 1);
    return at;
}

static int widen(struct nvc_pool *p, struct nvc_error *err)
{
    size_t n_old = p->n_slots;
    const char **old = p->slots, **slots = nvc_array(n_old ? 2 * n_old : 256, sizeof *slots, err);
    if (!slots)
        return NVC_ESYS;
    p->slots = slots;
    p->n_slots = n_old ? 2 * n_old : 256;
    for (size_t i = 0; i < n_old; i++)
        if (old[i])
            slots[place_of(p, old[i], strlen(old[i]))] = old[i];
    free(old);
    return 0;
}

static char *store(struct nvc_pool *p, const char *s, size_t size, struct nvc_error *err)
{
    if (!p->n_blocks || p->used + size > BLOCK) {
        char *block = NULL;
        if (nvc_grow(&p->blocks, &p->cap_blocks, p->n_blocks + 1, sizeof *p->blocks, err) ||
            !(block = nvc_array(size > BLOCK ? size : BLOCK, 1, err)))
            return NULL;
        p->blocks[p->n_blocks++] = block;
        p->used = 0;
    }
    char *copy = p->blocks[p->n_blocks - 1] + p->used;
    memcpy(copy, s, size);
    p->used += size;
    return copy;
}

const char *nvc_pool_add(struct nvc_pool *p, const char *s, struct nvc_error *err)
{
    size_t len = strlen(s);
    if (2 * p->n >= p->n_slots && widen(p, err))
        return NULL;
    size_t at = place_of(p, s, len);
    if (p->slots[at])
        return p->slots[at];
    char *copy = store(p, s, len + 1, err);
    if (!copy)
        return NULL;
    p->slots[at] = copy;
    p->n++;
    return copy;
}

const char *nvc_pool_find(const struct nvc_pool *p, const char *s)
{
    return p->n ? p->slots[place_of(p, s, strlen(s))] : NULL;
}

void nvc_pool_release(struct nvc_pool *p)
{
    for (size_t i = 0; i < p->n_blocks; i++)
        free(p->blocks[i]);
    free(p->blocks);
    free(p->slots);
    *p = (struct nvc_pool){ 0 };
}

/* Slots hold the number of the tuple plus one. */
static size_t tuple_place(const struct nvc_tuples *t, const char *const *tuple)
{
    uint64_t h = 0;
    for (size_t k = 0; k < t->width; k++)
        h = mix(h, (uint64_t)(uintptr_t)tuple[k]);
    size_t at = h & (t->n_slots - 1);
    while (t->slots[at] && memcmp(t->items + (t->slots[at] - 1) * t->width, tuple, t->width * sizeof *tuple))
        at = (at + 1) & (t->n_slots - 1);
    return at;
}

static int tuples_widen(struct nvc_tuples *t, struct nvc_error *err)
{
    size_t n_slots = t->n_slots ? 2 * t->n_slots : 64;
    uint32_t *slots = n_slots < UINT32_MAX ? nvc_array(n_slots, sizeof *slots, err) : NULL;
    if (!slots)
        return nvc_fail(err, NVC_ESYS, "out of memory (%zu distinct rows)", t->n);
    free(t->slots);
    t->slots = slots;
    t->n_slots = n_slots;
    for (size_t i = 0; i < t->n; i++)
        slots[tuple_place(t, t->items + i * t->width)] = (uint32_t)i + 1;
    return 0;
}

int nvc_tuples_add(struct nvc_tuples *t, const char *const *tuple, size_t *number, struct nvc_error *err)
{
    int status = 2 * t->n >= t->n_slots ? tuples_widen(t, err) : 0;
    if (status)
        return status;
    size_t at = tuple_place(t, tuple);
    if (!t->slots[at]) {
        status = nvc_grow(&t->items, &t->cap, (t->n + 1) * t->width, sizeof *t->items, err);
        if (status)
            return status;
        memcpy(t->items + t->n * t->width, tuple, t->width * sizeof *tuple);
        t->slots[at] = (uint32_t)++t->n;
    }
    *number = t->slots[at] - 1;
    return 0;
}

size_t nvc_tuples_find(const struct nvc_tuples *t, const char *const *tuple)
{
    uint32_t slot = t->n ? t->slots[tuple_place(t, tuple)] : 0;
    return slot ? slot - 1 : SIZE_MAX;
}

void nvc_tuples_release(struct nvc_tuples *t)
{
    free(t->items);
    free(t->slots);
    *t = (struct nvc_tuples){ .width = t->width };
}
