/* Tables of the large reference folder; a test that wants one skips without it. */
#ifndef NVC_TESTS_REFERENCE_H
#define NVC_TESTS_REFERENCE_H

#include "base/status.h"
#include "io/tsv.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *reference_path(const char *name)
{
    static char path[2][4096];
    static int turn;
    const char *folder = getenv("NVC_REFERENCE");
    char *p = path[turn++ % 2];
    (void)snprintf(p, sizeof path[0], "%s/%s", folder ? folder : SRCDIR "/../shared", name);
    return p;
}

/* Read a table, or skip the test when it is not there. */
static inline void reference_table(struct nvc_table *t, const char *name)
{
    struct nvc_error err = { 0 };
    FILE *f = fopen(reference_path(name), "r");
    if (!f)
        skip();
    (void)fclose(f);
    if (nvc_table_read(t, reference_path(name), &err))
        fail_msg("%s", err.text);
}

/* All columns, or the first `n_cols`, as numbers, column-major; the caller frees. */
static inline double *reference_matrix(const char *name, size_t *n_rows, size_t *n_cols)
{
    struct nvc_table t;
    struct nvc_error err = { 0 };
    reference_table(&t, name);
    double *out = malloc(t.n_rows * t.n_cols * sizeof *out);
    for (size_t j = 0; j < t.n_cols; j++)
        if (nvc_table_reals(&t, j, out + j * t.n_rows, &err))
            fail_msg("%s", err.text);
    *n_rows = t.n_rows;
    *n_cols = t.n_cols;
    nvc_table_release(&t);
    return out;
}

/* The next row from *row on whose first cells equal `keys` ("*": any), or false. */
static inline bool reference_find(const struct nvc_table *t, size_t *row, const char *const *keys, size_t n_keys)
{
    for (; *row < t->n_rows; ++*row) {
        size_t k = 0;
        while (k < n_keys && (!strcmp(keys[k], "*") || !strcmp(keys[k], nvc_table_cell(t, *row, k))))
            k++;
        if (k == n_keys)
            return true;
    }
    return false;
}

static inline double reference_cell(const struct nvc_table *t, size_t row, const char *column)
{
    struct nvc_error err = { 0 };
    double v = 0;
    long col = nvc_table_column(t, column);
    if (col < 0 || nvc_table_real(t, row, (size_t)col, &v, &err))
        fail_msg("column %s: %s", column, err.text);
    return v;
}

#endif
