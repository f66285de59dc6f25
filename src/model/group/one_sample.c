#include "model/group/one_sample.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/group/permute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_one_sample_release(struct nvc_one_sample_table *t)
{
    free(t->rows);
    *t = (struct nvc_one_sample_table){ 0 };
}

/* The law of the sum of doubled ranks with random signs, rank by rank. */
static int signed_law(const double *rank, size_t n, double sum, double *p, struct nvc_error *err)
{
    size_t most = 0, used = 0;
    double tail = 0;
    for (size_t i = 0; i < n; i++)
        most += (size_t)(2 * rank[i]);
    double *f = nvc_array(most + 1, sizeof *f, err), off = fabs(2 * sum - 0.5 * (double)most);
    if (!f)
        return NVC_ESYS;
    f[0] = 1;
    for (size_t i = 0; i < n; i++) {
        size_t r = (size_t)(2 * rank[i]);
        used += r;
        for (size_t s = used + 1; s-- > 0;)
            f[s] = 0.5 * (f[s] + (s >= r ? f[s - r] : 0));
    }
    for (size_t s = 0; s <= most; s++)
        tail += fabs((double)s - 0.5 * (double)most) >= off - 1e-9 ? f[s] : 0;
    free(f);
    *p = fmin(1, tail);
    return 0;
}

int nvc_wilcoxon(const double *x, size_t n, double *p, bool *exact, struct nvc_error *err)
{
    double *size = nvc_array(2 * n, sizeof *size, err), *rank = size + n, ties, sum = 0;
    size_t m = 0;
    *p = NAN;
    *exact = false;
    if (!size)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0)
            size[m++] = fabs(x[i]);
    int status = nvc_midranks(size, m, rank, &ties, err);
    for (size_t i = 0, k = 0; i < n && !status; i++)
        if (x[i] != 0)
            sum += x[i] > 0 ? rank[k++] : (k++, 0);
    if (!status && m && m <= NVC_RANK_EXACT) {
        *exact = true;
        status = signed_law(rank, m, sum, p, err);
    } else if (!status && m) {
        double k = (double)m, variance = k * (k + 1) * (2 * k + 1) / 24 - ties / 48;
        *p = fmin(1, 2 * nvc_normal_sf((fabs(sum - k * (k + 1) / 4) - 0.5) / sqrt(variance)));
    }
    free(size);
    return status;
}

static int describe(struct nvc_one_sample_row *row, double *x, size_t n, struct nvc_error *err)
{
    bool exact;
    nvc_sort(x, n);
    struct nvc_sample s = nvc_sample_describe(x, n);
    struct nvc_ttest t = nvc_one_sample(&s, 0, 0.95);
    double J = nvc_hedges_j((double)n - 1) / sqrt((double)n);
    row->n = n, row->mean = s.mean, row->sd = s.sd;
    row->ci_low = t.ci_low, row->ci_high = t.ci_high, row->t = t.t, row->dof = t.dof, row->p = t.p;
    row->g = J * t.t;
    row->g_low = J * nvc_nct_ncp(t.t, t.dof, 0.975);
    row->g_high = J * nvc_nct_ncp(t.t, t.dof, 0.025);
    return nvc_wilcoxon(x, n, &row->wilcoxon_p, &exact, err);
}

static bool member(const struct nvc_contrast_groups *g, size_t i, int which)
{
    double group = g->group.value[i];
    return !isnan(group) && (which == 2 || (group > 0) == (which == 1));
}

struct room { /* of one group over all keys */
    double *x, *ones;
    size_t *row;
    struct nvc_permute_outcome *u;
    struct nvc_permute_result *r;
};

/* All keys of one group: so that the maximum runs over them. */
static int compute_group(struct nvc_one_sample_table *t, const struct nvc_cohort *c,
                         const struct nvc_contrast_groups *g, int which, const struct nvc_group_options *o,
                         struct room *m, struct nvc_error *err)
{
    const struct nvc_permute_options p = {
        .replicates = o->replicates, .seed = o->seed, .flip = true, .enumerate = o->enumerate, .threads = o->threads
    };
    size_t keys = t->n / 3;
    int status = 0;
    for (size_t k = 0; k < keys && !status; k++) {
        struct nvc_one_sample_row *row = &t->rows[3 * k + (size_t)(2 - which)];
        double *x = m->x + k * c->n;
        size_t *used = m->row + k * c->n, n = 0;
        row->key = c->keys[k];
        row->group = which == 2 ? "all" : g->labels[which];
        row->perm_p = row->perm_p_fwe = NAN;
        for (size_t i = 0; i < c->n; i++)
            if (member(g, i, which) && !isnan(c->value[i + c->n * k])) {
                used[n] = i;
                x[n++] = c->value[i + c->n * k];
            }
        m->u[k] = (struct nvc_permute_outcome){ n > 1 ? n : 0, 1, used, m->ones, x, 0, !c->keys[k].control, false };
    }
    if (o->replicates)
        status = nvc_permute(m->u, keys, c->n, &p, m->r, NULL, err);
    for (size_t k = 0; k < keys && !status; k++) {
        struct nvc_one_sample_row *row = &t->rows[3 * k + (size_t)(2 - which)];
        if (o->replicates && m->r[k].arrangements) {
            row->perm_p = m->r[k].p, row->perm_p_fwe = m->r[k].p_family;
            row->perm_n = m->r[k].arrangements;
            row->perm_method = m->r[k].exact ? "exact" : "monte-carlo";
        }
        status = describe(row, m->x + k * c->n, m->u[k].n, err);
    }
    return status;
}

int nvc_one_sample_compute(struct nvc_one_sample_table *t, const struct nvc_cohort *c,
                           const struct nvc_contrast_groups *g, const struct nvc_group_options *o,
                           struct nvc_error *err)
{
    size_t keys = 0;
    while (keys < c->n_keys && !c->keys[keys].quality) /* quality stands last */
        keys++;
    struct room m = { nvc_array(keys * c->n, sizeof(double), err), nvc_array(c->n, sizeof(double), err),
                      nvc_array(keys * c->n, sizeof(size_t), err), nvc_array(keys, sizeof *m.u, err),
                      nvc_array(keys, sizeof *m.r, err) };
    *t = (struct nvc_one_sample_table){ .n = 3 * keys };
    t->rows = nvc_array(t->n, sizeof *t->rows, err);
    int status = m.x && m.ones && m.row && m.u && m.r && t->rows ? 0 : NVC_ESYS;
    for (size_t i = 0; i < c->n && !status; i++)
        m.ones[i] = 1;
    for (int which = 0; which < 3 && !status; which++)
        status = compute_group(t, c, g, which, o, &m, err);
    free(m.x);
    free(m.ones);
    free(m.row);
    free(m.u);
    free(m.r);
    return status;
}
