#include "model/group/terms.h"

#include "base/memory.h"
#include "model/stat/stat_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_terms_release(struct nvc_terms *t)
{
    free(t->terms);
    *t = (struct nvc_terms){ 0 };
}

int nvc_terms_add(struct nvc_terms *t, const struct nvc_variable *const *of, size_t order, struct nvc_error *err)
{
    int status = nvc_grow(&t->terms, &t->cap, t->n + 1, sizeof *t->terms, err);
    if (status)
        return status;
    t->terms[t->n] = (struct nvc_term){ .order = order };
    for (size_t k = 0; k < order; k++)
        t->terms[t->n].of[k] = of[k];
    t->n++;
    return 0;
}

void nvc_matrix_release(struct nvc_matrix *M)
{
    for (size_t j = 0; M->names && j < M->m; j++)
        free(M->names[j]);
    free(M->X);
    free(M->row);
    free(M->names);
    free(M->first);
    free(M->marginal);
    *M = (struct nvc_matrix){ 0 };
}

static bool complete(const struct nvc_terms *t, size_t i)
{
    for (size_t k = 0; k < t->n; k++)
        for (size_t v = 0; v < t->terms[k].order; v++)
            if (isnan(t->terms[k].of[v]->value[i]))
                return false;
    return true;
}

/* Levels of a factor that occur, in order; a number has one column. */
static size_t levels_present(const struct nvc_variable *v, const struct nvc_matrix *M, size_t *level)
{
    size_t n = 0;
    for (size_t l = 0; l < v->n_levels; l++)
        for (size_t i = 0; i < M->n; i++)
            if (v->value[M->row[i]] == (double)l) {
                level[n++] = l;
                break;
            }
    return n;
}

static int add_column(struct nvc_matrix *M, size_t *cap, char *name, double marginal, struct nvc_error *err)
{
    size_t caps[3] = { *cap, *cap, *cap * M->n };
    int status = name ? nvc_grow(&M->names, &caps[0], M->m + 1, sizeof *M->names, err) : NVC_ESYS;
    if (!status)
        status = nvc_grow(&M->marginal, &caps[1], M->m + 1, sizeof *M->marginal, err);
    if (!status)
        status = nvc_grow(&M->X, &caps[2], caps[0] * M->n, sizeof *M->X, err);
    if (status) {
        free(name);
        return status;
    }
    *cap = caps[0];
    M->names[M->m] = name;
    M->marginal[M->m++] = marginal;
    return 0;
}

static int check_number(const struct nvc_variable *v, const struct nvc_matrix *M, struct nvc_error *err)
{
    for (size_t i = 1; i < M->n; i++)
        if (v->value[M->row[i]] != v->value[M->row[0]])
            return 0;
    return nvc_fail(err, NVC_EDATA, "variable '%s' is %g in all %zu participants used; leave it out", v->name,
                    v->value[M->row[0]], M->n);
}

/* Multiply the columns that a term has so far (from `start`) by those of one more variable. */
static int multiply(struct nvc_matrix *M, size_t *cap, size_t start, const struct nvc_variable *v,
                    struct nvc_error *err)
{
    size_t had = M->m - start, n_level = 1, *level = nvc_array(v->n_levels + 1, sizeof *level, err);
    int status = level ? 0 : NVC_ESYS;
    if (!status && v->numeric)
        status = check_number(v, M, err);
    else if (!status && (n_level = levels_present(v, M, level)) < 2)
        status = nvc_fail(err, NVC_EDATA, "variable '%s' is '%s' in all %zu participants used; leave it out", v->name,
                          n_level ? v->levels[level[0]] : "n/a", M->n);
    size_t copies = v->numeric ? 1 : n_level - (n_level > 0);
    double share = 1;
    if (!status && v->numeric) {
        share = 0;
        for (size_t i = 0; i < M->n; i++)
            share += v->value[M->row[i]] / (double)M->n;
    } else if (!status)
        share = 1 / (double)n_level;
    for (size_t c = 1; c <= copies && !status; c++)
        for (size_t k = 0; k < had && !status; k++) {
            /* the first copy is written last, over what it is made from */
            size_t from = start + k;
            const char *label = v->numeric ? "" : v->levels[level[c == copies ? 1 : c + 1]];
            size_t l = v->numeric ? 0 : level[c == copies ? 1 : c + 1];
            char *name = nvc_sprintf(err, "%s%s%s%s", M->names[from], *M->names[from] ? ":" : "", v->name, label);
            double marginal = M->marginal[from] * share;
            size_t to = from;
            if (c < copies) {
                status = add_column(M, cap, name, marginal, err);
                to = M->m - 1;
            } else if (name) {
                free(M->names[from]);
                M->names[from] = name;
                M->marginal[from] = marginal;
            } else
                status = NVC_ESYS;
            for (size_t i = 0; i < M->n && !status; i++) {
                double x = v->value[M->row[i]];
                M->X[i + M->n * to] = M->X[i + M->n * from] * (v->numeric ? x : x == (double)l);
            }
        }
    free(level);
    return status;
}

int nvc_matrix_init(struct nvc_matrix *M, const struct nvc_terms *t, const bool *use, size_t n, struct nvc_error *err)
{
    size_t cap = 0;
    *M = (struct nvc_matrix){ .n_terms = t->n };
    M->row = nvc_array(n, sizeof *M->row, err);
    M->first = nvc_array(t->n + 1, sizeof *M->first, err);
    if (!M->row || !M->first)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++)
        if ((!use || use[i]) && complete(t, i))
            M->row[M->n++] = i;
    if (!M->n)
        return nvc_fail(err, NVC_EDATA, "no participant has all of the variables");
    int status = add_column(M, &cap, nvc_strdup("constant", err), 1, err);
    for (size_t i = 0; i < M->n && !status; i++)
        M->X[i] = 1;
    for (size_t k = 0; k < t->n && !status; k++) {
        M->first[k] = M->m;
        status = add_column(M, &cap, nvc_strdup("", err), 1, err);
        for (size_t i = 0; i < M->n && !status; i++)
            M->X[i + M->n * (M->m - 1)] = 1;
        for (size_t v = 0; v < t->terms[k].order && !status; v++)
            status = multiply(M, &cap, M->first[k], t->terms[k].of[v], err);
    }
    M->first[t->n] = M->m;
    return status;
}
