/* Growable text, and the few string questions that several modules ask. */
#ifndef NVC_BASE_TEXT_H
#define NVC_BASE_TEXT_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_text {
    char *data; /* always ends in '\0' once something was added; NULL before */
    size_t len, cap;
};

void nvc_text_release(struct nvc_text *t);
int nvc_text_add(struct nvc_text *t, const char *s, size_t n, struct nvc_error *err) NVC_CHECKED;
int nvc_text_puts(struct nvc_text *t, const char *s, struct nvc_error *err) NVC_CHECKED;
int nvc_text_printf(struct nvc_text *t, struct nvc_error *err, const char *fmt, ...) NVC_PRINTF(3, 4) NVC_CHECKED;
/* A number in the fewest digits that read back equal (base/number.h). */
int nvc_text_real(struct nvc_text *t, double value, struct nvc_error *err) NVC_CHECKED;

/* A borrowed list of strings (repeatable options, names of columns). */
struct nvc_list {
    const char *const *items;
    size_t n;
};

/* The entry of `names` nearest to `name` by edit distance when it is near enough to be a slip of the
 * finger, else NULL: for "did you mean". */
const char *nvc_near_miss(const char *name, const char *const *names, size_t n);

/* Shell glob (* ? [..]) or exact text; the whole of `name` must match. */
bool nvc_glob_match(const char *pattern, const char *name);
bool nvc_has_suffix(const char *s, const char *suffix);
bool nvc_has_prefix(const char *s, const char *prefix);

#endif
