#include "base/text.h"

#include "base/memory.h"
#include "base/number.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nvc_text_release(struct nvc_text *t)
{
    free(t->data);
    *t = (struct nvc_text){ 0 };
}

int nvc_text_add(struct nvc_text *t, const char *s, size_t n, struct nvc_error *err)
{
    int status = nvc_grow(&t->data, &t->cap, t->len + n + 1, 1, err);
    if (status)
        return status;
    memcpy(t->data + t->len, s, n);
    t->len += n;
    t->data[t->len] = '\0';
    return 0;
}

int nvc_text_puts(struct nvc_text *t, const char *s, struct nvc_error *err)
{
    return nvc_text_add(t, s, strlen(s), err);
}

int nvc_text_printf(struct nvc_text *t, struct nvc_error *err, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    int status = n < 0 ? nvc_fail(err, NVC_EBUG, "cannot format '%s'", fmt)
                       : nvc_grow(&t->data, &t->cap, t->len + (size_t)n + 1, 1, err);
    if (!status) {
        (void)vsnprintf(t->data + t->len, (size_t)n + 1, fmt, again);
        t->len += (size_t)n;
    }
    va_end(again);
    return status;
}

int nvc_text_real(struct nvc_text *t, double value, struct nvc_error *err)
{
    char buf[NVC_NUMBER_SIZE];
    size_t n = nvc_format_real(buf, value);
    return nvc_text_add(t, buf, n, err);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Optimal string alignment over at most 63 bytes of each word: beyond that nobody mistypes. */
static size_t distance(const char *a, const char *b)
{
    size_t row[3][64], na = strnlen(a, 63), nb = strnlen(b, 63);
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            now[j] = least(least(up[j], now[j - 1]) + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], up2[j - 2] + 1);
        }
    }
    return row[na % 3][nb];
}

const char *nvc_near_miss(const char *name, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t best_distance = strlen(name) / 3 + 2;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(name, names[i]);
        if (d < best_distance)
            best = names[i], best_distance = d;
    }
    return best;
}

bool nvc_glob_match(const char *pattern, const char *name)
{
    return !strcmp(pattern, name) || !fnmatch(pattern, name, 0);
}

bool nvc_has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s), k = strlen(suffix);
    return n >= k && !memcmp(s + n - k, suffix, k);
}

bool nvc_has_prefix(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}
