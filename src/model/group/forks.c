#include "model/group/forks.h"

#include "base/memory.h"
#include "model/group/combat_permute.h"
#include "model/group/group_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_forks_release(struct nvc_forks *f)
{
    free(f->rows);
    *f = (struct nvc_forks){ 0 };
}

static int by_effect(const void *a, const void *b)
{
    const struct nvc_fork_row *x = a, *y = b;
    if (isnan(x->g) || isnan(y->g))
        return isnan(x->g) - isnan(y->g);
    return x->g != y->g ? (x->g > y->g) - (x->g < y->g) : nvc_key_compare(&x->key, &y->key);
}

static void summarise(struct nvc_fork_row *rows, size_t n, const struct nvc_permute_pool *pool)
{
    double median, same = 0;
    size_t k = 0;
    qsort(rows, n, sizeof *rows, by_effect);
    while (k < n && !isnan(rows[k].g))
        k++;
    median = k ? k % 2 ? rows[k / 2].g : 0.5 * (rows[k / 2 - 1].g + rows[k / 2].g) : NAN;
    for (size_t i = 0; i < k; i++)
        same += rows[i].g * median > 0;
    for (size_t i = 0; i < n; i++) {
        rows[i].forks = k;
        rows[i].median_g = median;
        rows[i].lowest_g = k ? rows[0].g : NAN;
        rows[i].highest_g = k ? rows[k - 1].g : NAN;
        rows[i].same_sign = k ? same / (double)k : NAN;
        rows[i].p_mean = pool->p_mean, rows[i].p_largest = pool->p_largest;
        rows[i].perm_n = pool->arrangements;
    }
}

/* Every key as an outcome: the others stand by where all are harmonised together. */
struct models {
    struct nvc_matrix *M;
    struct nvc_permute_outcome *u;
    struct nvc_permute_result *r;
    double *y;
};

static int permute_set(struct models *m, size_t n_keys, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                       const struct nvc_group_options *o, struct nvc_permute_pool *pool, struct nvc_error *err)
{
    struct nvc_permute_options p = { .replicates = o->replicates,
                                     .seed = o->seed,
                                     .pooled = o->pooled,
                                     .enumerate = o->combat ? 0 : o->enumerate,
                                     .block = o->block ? o->block->value : NULL,
                                     .threads = o->threads };
    struct nvc_combat_permute combat = { 0 };
    const struct nvc_permute_remake remake = { &combat, nvc_combat_permute_make };
    int status = o->combat ? nvc_combat_permute_init(&combat, c, g, o, m->u, err) : 0;
    p.remake = o->combat ? &remake : NULL;
    if (!status)
        status = nvc_permute(m->u, n_keys, c->n, &p, m->r, pool, err);
    nvc_combat_permute_release(&combat);
    return status;
}

static int compute_set(struct nvc_forks *f, const char *set, const struct nvc_group_table *t,
                       const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                       const struct nvc_group_options *o, struct models *m, struct nvc_error *err)
{
    struct nvc_permute_pool pool = { 0, 0, NAN, NAN, NAN, NAN };
    size_t first = f->n, n = 0;
    int status = 0;
    for (size_t k = 0; k < t->n && !status; k++) {
        const struct nvc_group_row *row = &t->rows[k];
        const bool in = nvc_key_is_index(row->key) && nvc_key_matches(set, row->key);
        m->u[k] = (struct nvc_permute_outcome){ .n = 0 };
        nvc_matrix_release(&m->M[k]);
        if (in || o->combat)
            status = nvc_group_outcome(row, c, k, g, o, &m->M[k], m->y + k * c->n, &m->u[k], err);
        m->u[k].in_family = false, m->u[k].in_pool = in;
        if (!in || status)
            continue;
        if (!(status = nvc_grow(&f->rows, &f->cap, f->n + 1, sizeof *f->rows, err)))
            f->rows[f->n++] = (struct nvc_fork_row){ .key = *row->key, .set = set, .n_case = row->cases.n, .n_control = row->controls.n,
                                                     .g = row->effect.g, .g_low = row->effect.g_low, .g_high = row->effect.g_high, .t = NAN };
        n++;
    }
    if (!status && n < 2)
        return nvc_fail(err, NVC_EDATA, "--curve '%s' matches %zu index%s; a curve compares two or more", set, n,
                        n == 1 ? "" : "es");
    if (!status && o->replicates)
        status = permute_set(m, t->n, c, g, o, &pool, err);
    for (size_t k = 0, i = first; k < t->n && !status && o->replicates; k++)
        if (m->u[k].in_pool)
            f->rows[i++].t = m->r[k].t;
    if (!status)
        summarise(f->rows + first, n, &pool);
    return status;
}

int nvc_forks_compute(struct nvc_forks *f, const struct nvc_group_table *t, const struct nvc_cohort *c,
                      const struct nvc_contrast_groups *g, const struct nvc_group_options *o,
                      const struct nvc_list *sets, struct nvc_error *err)
{
    struct models m = { nvc_array(t->n, sizeof *m.M, err), nvc_array(t->n, sizeof *m.u, err),
                        nvc_array(t->n, sizeof *m.r, err), nvc_array(t->n * c->n, sizeof *m.y, err) };
    int status = m.M && m.u && m.r && m.y ? 0 : NVC_ESYS;
    for (size_t i = 0; i < sets->n && !status; i++)
        status = compute_set(f, sets->items[i], t, c, g, o, &m, err);
    for (size_t k = 0; m.M && k < t->n; k++)
        nvc_matrix_release(&m.M[k]);
    free(m.M);
    free(m.u);
    free(m.r);
    free(m.y);
    return status;
}
