#include "table/participants.h"

#include "base/memory.h"
#include "base/number.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As a tired eye reads it. */
static bool same_but_for_case_and_blanks(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (isspace((unsigned char)*a) || *a == '_')
            a++;
        while (isspace((unsigned char)*b) || *b == '_')
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_number(const char *s)
{
    double v;
    return nvc_parse_real(s, strlen(s), &v);
}

static bool listed(const struct nvc_list *names, const char *name)
{
    for (size_t i = 0; names && i < names->n; i++)
        if (!strcmp(names->items[i], name))
            return true;
    return false;
}

struct entry {
    const char *id;
    size_t row;
};

static int by_id(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Participants stand in the order of their ids, so that nothing depends on that of the file: row[i] is the
 * row of the table that participant i comes from. */
static int read_ids(struct nvc_participants *p, const struct nvc_table *t, size_t *row, struct nvc_error *err)
{
    size_t col, number;
    struct entry *all = nvc_array(t->n_rows, sizeof *all, err);
    int status = all ? nvc_table_need(t, "participant_id", &col, err) : NVC_ESYS;
    for (size_t i = 0; i < t->n_rows && !status; i++) {
        const char *cell = nvc_table_cell(t, i, col);
        if (!*cell || nvc_table_is_na(t, i, col))
            status = nvc_fail(err, NVC_EDATA, "%s: line %zu: no participant_id", t->path, nvc_table_line(t, i));
        else if (!(all[i].id = nvc_participants_id(p, cell, err)))
            status = (int)err->status;
        all[i].row = i;
    }
    if (!status && t->n_rows)
        qsort(all, t->n_rows, sizeof *all, by_id);
    for (size_t i = 0; i < t->n_rows && !status; i++) {
        status = nvc_tuples_add(&p->ids, &all[i].id, &number, err);
        row[i] = all[i].row;
        if (!status && number != i)
            status =
                nvc_fail(err, NVC_EDATA,
                         "%s: line %zu: participant %s again (first on line %zu); one row per participant is wanted",
                         t->path, nvc_table_line(t, all[i].row), all[i].id, nvc_table_line(t, all[i - 1].row));
    }
    p->n = t->n_rows;
    free(all);
    return status;
}

/* All numbers, none, or a mixture, which is refused at the rarer kind. */
static int kind_of(const struct nvc_table *t, size_t col, bool *numeric, struct nvc_error *err)
{
    size_t numbers = 0, words = 0, first[2] = { 0, 0 };
    for (size_t i = 0; i < t->n_rows; i++) {
        if (nvc_table_is_na(t, i, col))
            continue;
        bool number = is_number(nvc_table_cell(t, i, col));
        size_t *count = number ? &numbers : &words;
        if (!(*count)++)
            first[number] = i;
    }
    *numeric = !words;
    if (!words || !numbers)
        return 0;
    size_t odd = first[numbers < words];
    return nvc_fail(err, NVC_EDATA,
                    "%s: line %zu: column '%s': '%s' is %s, but %zu of %zu cells are %s; correct it "
                    "(n/a where unknown) or declare labels with --factor %s",
                    t->path, nvc_table_line(t, odd), t->names[col], nvc_table_cell(t, odd, col),
                    numbers < words ? "a number" : "not a number", numbers < words ? words : numbers, numbers + words,
                    numbers < words ? "not" : "numbers", t->names[col]);
}

static int refuse_twins(const struct nvc_variable *v, const struct nvc_table *t, size_t col, struct nvc_error *err)
{
    for (size_t a = 0; a < v->n_levels; a++)
        for (size_t b = a + 1; b < v->n_levels && v->n_levels <= 200; b++)
            if (same_but_for_case_and_blanks(v->levels[a], v->levels[b])) {
                size_t i = 0;
                while (strcmp(nvc_table_cell(t, i, col), v->levels[b]))
                    i++;
                return nvc_fail(
                    err, NVC_EDATA,
                    "%s: column '%s': labels '%s' and '%s' (line %zu) differ only by case or blanks; write them alike",
                    t->path, v->name, v->levels[a], v->levels[b], nvc_table_line(t, i));
            }
    return 0;
}

static int read_levels(struct nvc_participants *p, struct nvc_variable *v, const struct nvc_table *t, size_t col,
                       const size_t *row, struct nvc_error *err)
{
    struct nvc_tuples seen = { .width = 1 };
    int status = 0;
    for (size_t i = 0; i < t->n_rows && !status; i++) {
        size_t number = 0;
        const char *label = nvc_pool_add(&p->text, nvc_table_cell(t, i, col), err);
        v->value[i] = NAN;
        status = !label ? NVC_ESYS : nvc_table_is_na(t, i, col) ? 0 : nvc_tuples_add(&seen, &label, &number, err);
    }
    if (!status && !(v->levels = nvc_array(seen.n, sizeof *v->levels, err)))
        status = NVC_ESYS;
    if (!status) {
        memcpy(v->levels, seen.items ? seen.items : v->levels, seen.n * sizeof *v->levels);
        v->n_levels = seen.n;
        qsort(v->levels, v->n_levels, sizeof *v->levels, by_bytes);
    }
    for (size_t i = 0; i < t->n_rows && !status; i++) {
        const char *cell = nvc_table_cell(t, row[i], col);
        const char *const *at = nvc_table_is_na(t, row[i], col) || !v->n_levels
                                    ? NULL
                                    : bsearch(&cell, v->levels, v->n_levels, sizeof *v->levels, by_bytes);
        if (at)
            v->value[i] = (double)(at - v->levels);
    }
    nvc_tuples_release(&seen);
    return status;
}

/* What is wrong with a column matters only to those who use it: kept until then. */
static int keep_trouble(struct nvc_participants *p, struct nvc_variable *v, struct nvc_error *err)
{
    if (err->status != NVC_EDATA)
        return (int)err->status;
    v->trouble = nvc_pool_add(&p->text, err->text, err);
    return v->trouble ? 0 : NVC_ESYS;
}

static int read_variable(struct nvc_participants *p, struct nvc_variable *v, const struct nvc_table *t, size_t col,
                         const size_t *row, bool factor, struct nvc_error *err)
{
    v->value = nvc_array(p->n, sizeof *v->value, err);
    v->name = nvc_pool_add(&p->text, t->names[col], err);
    if (!v->value || !v->name)
        return NVC_ESYS;
    int status = factor ? 0 : kind_of(t, col, &v->numeric, err);
    if (status)
        status = keep_trouble(p, v, err);
    if (!status && !v->numeric)
        status = read_levels(p, v, t, col, row, err);
    for (size_t i = 0; i < p->n && v->numeric && !status; i++)
        status = nvc_table_real(t, row[i], col, &v->value[i], err);
    if (!status && !v->numeric && !v->trouble && (status = refuse_twins(v, t, col, err)))
        status = keep_trouble(p, v, err);
    return status;
}

int nvc_participants_parse(struct nvc_participants *p, const struct nvc_table *t, const struct nvc_list *factors,
                           struct nvc_error *err)
{
    size_t *row = nvc_array(t->n_rows, sizeof *row, err);
    p->ids.width = 1;
    p->variables = nvc_array(t->n_cols, sizeof *p->variables, err);
    int status = row && p->variables && (p->path = nvc_pool_add(&p->text, t->path, err)) ? read_ids(p, t, row, err) : NVC_ESYS;
    for (size_t col = 0; col < t->n_cols && !status; col++)
        if (strcmp(t->names[col], "participant_id"))
            status =
                read_variable(p, &p->variables[p->n_variables++], t, col, row, listed(factors, t->names[col]), err);
    free(row);
    return status;
}

int nvc_participants_read(struct nvc_participants *p, const char *path, const struct nvc_list *factors,
                          struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    int status = nvc_table_read(&t, path, err);
    if (!status)
        status = nvc_participants_parse(p, &t, factors, err);
    nvc_table_release(&t);
    return status;
}
