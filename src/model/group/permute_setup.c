/* What stays the same over all arrangements: patterns of rows, their models and residuals, blocks. */
#include "model/group/permute_internal.h"

#include "base/memory.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = NVC_PERMUTE_LANES };

static void pattern_release(struct nvc_pattern *p)
{
    free(p->D);
    free(p->canonical);
    free(p->position);
    free(p->block_start);
    free(p->block_ones);
    free(p->outcome);
    free(p->E);
}

void nvc_permute_release(struct nvc_permute_state *w)
{
    for (size_t i = 0; i < w->n_patterns; i++)
        pattern_release(&w->patterns[i]);
    for (int i = 0; w->threads && i < w->n_threads; i++) {
        struct nvc_permute_work *t = &w->threads[i];
        free(t->order);
        free(t->D);
        free(t->pick);
        free(t->count);
        free(t->y);
        free(t->made);
        free(t->E);
    }
    free(w->patterns);
    free(w->by_block);
    free(w->block_end);
    free(w->observed);
    free(w->threads);
}

static int order_blocks(struct nvc_permute_state *w, struct nvc_error *err)
{
    const double *block = w->o->block;
    w->by_block = nvc_array(w->participants, sizeof *w->by_block, err);
    w->block_end = nvc_array(w->participants, sizeof *w->block_end, err);
    if (!w->by_block || !w->block_end)
        return NVC_ESYS;
    for (size_t i = 0; i < w->participants; i++) { /* insertion keeps equal blocks in the order of participants */
        size_t at = i;
        for (; block && at > 0 && block[w->by_block[at - 1]] > block[i]; at--)
            w->by_block[at] = w->by_block[at - 1];
        w->by_block[at] = i;
    }
    for (size_t i = w->participants; i-- > 0;) {
        bool last = i + 1 == w->participants || (block && block[w->by_block[i]] != block[w->by_block[i + 1]]);
        w->block_end[i] = last ? i + 1 : w->block_end[i + 1];
    }
    return 0;
}

static bool same_model(const struct nvc_pattern *p, const struct nvc_permute_outcome *u)
{
    return p->n == u->n && p->m == u->m && p->column == u->column && !memcmp(p->row, u->row, u->n * sizeof *u->row) &&
           !memcmp(p->X, u->X, u->n * u->m * sizeof *u->X);
}

static int find_patterns(struct nvc_permute_state *w, struct nvc_error *err)
{
    if (!(w->patterns = nvc_array(w->k, sizeof *w->patterns, err)))
        return NVC_ESYS;
    for (size_t j = 0; j < w->k; j++) {
        const struct nvc_permute_outcome *u = &w->outcomes[j];
        size_t at = 0;
        if (!u->n)
            continue;
        while (at < w->n_patterns && !same_model(&w->patterns[at], u))
            at++;
        struct nvc_pattern *p = &w->patterns[at];
        if (at == w->n_patterns) {
            *p = (struct nvc_pattern){ .n = u->n, .m = u->m, .column = u->column, .row = u->row, .X = u->X };
            w->n_patterns++;
            if (!(p->outcome = nvc_array(w->k, sizeof *p->outcome, err)))
                return NVC_ESYS;
            if (u->m > NVC_PERMUTE_COLUMNS)
                return nvc_fail(err, NVC_EDATA, "a permuted model may have %d columns, this one has %zu",
                                NVC_PERMUTE_COLUMNS, u->m);
        }
        p->outcome[p->n_outcomes++] = j;
    }
    return 0;
}

/* Residuals of the outcomes on the nuisance columns, side by side. */
static int make_residuals(struct nvc_permute_state *w, struct nvc_pattern *p, const struct nvc_lsq *nuisance,
                          struct nvc_error *err)
{
    size_t n = p->n, groups = (p->n_outcomes + LANES - 1) / LANES;
    double *e = nvc_array(n + p->m, sizeof *e, err);
    p->E = nvc_array(groups * LANES * n, sizeof *p->E, err);
    if (!e || !p->E) {
        free(e);
        return NVC_ESYS;
    }
    for (size_t k = 0; k < p->n_outcomes; k++) {
        const double *y = w->outcomes[p->outcome[k]].y;
        double scale = 0, rss = 0, *lane = p->E + k / LANES * LANES * n + k % LANES;
        for (size_t i = 0; i < n; i++)
            scale += y[i] * y[i], e[i] = y[i];
        if (nuisance->m)
            (void)nvc_lsq_solve(nuisance, y, e + n, e);
        for (size_t i = 0; i < n; i++)
            rss += e[i] * e[i];
        for (size_t i = 0; i < n; i++)
            lane[i * LANES] = rss > 1e-24 * scale ? e[i] : 0; /* nothing to permute but rounding: t is 0 / 0 */
    }
    free(e);
    return 0;
}

static int make_model(struct nvc_permute_state *w, struct nvc_pattern *p, struct nvc_error *err)
{
    size_t n = p->n, m = p->m;
    struct nvc_lsq full = { 0 }, nuisance = { 0 };
    double *Z = nvc_array(n * m + n, sizeof *Z, err), *h = Z ? Z + n * m : NULL, ss = 0;
    p->D = nvc_array(n * (m + 2), sizeof *p->D, err);
    int status = Z && p->D ? nvc_lsq_init(&full, p->X, n, m, err) : NVC_ESYS;
    if (!status)
        status = nvc_lsq_require(&full, 1e10, NULL, err);
    for (size_t j = 0, k = 0; j < m && !status; j++)
        if (j != p->column)
            memcpy(Z + n * k++, p->X + n * j, n * sizeof *Z);
    if (!status && m > 1)
        status = nvc_lsq_init(&nuisance, Z, n, m - 1, err);
    if (!status) {
        double *x = p->D, *a = p->D + n;
        if (m > 1) /* what is left of the tested column; Z serves as room for the coefficients */
            (void)nvc_lsq_solve(&nuisance, p->X + n * p->column, Z, x);
        else
            memcpy(x, p->X, n * sizeof *x);
        for (size_t i = 0; i < n; i++)
            ss += x[i] * x[i];
        nvc_lsq_leverage(&full, h);
        p->variance_scale = w->o->pooled ? 1 / ss / (double)(n - m) : 1;
        for (size_t i = 0; i < n; i++) {
            double slack = 1 - h[i];
            x[i] /= ss;
            /* HC2 with the constant alone is Welch's variance; HC3 guards against leverage of covariates */
            a[i] = w->o->pooled ? 1 : slack < 1e-10 ? 0 : x[i] * x[i] / (m > 2 ? slack * slack : slack);
        }
        memcpy(p->D + 2 * n, full.Q, n * m * sizeof *p->D);
        status = make_residuals(w, p, &nuisance, err);
    }
    nvc_lsq_release(&nuisance);
    nvc_lsq_release(&full);
    free(Z);
    return status;
}

/* Nuisance columns constant within blocks, a tested column of two values, few arrangements: how many. */
static size_t count_arrangements(const struct nvc_pattern *p, const struct nvc_permute_options *o)
{
    double total = 1;
    if (o->flip)
        return p->m == 1 && p->n < 40 && ldexp(1, (int)p->n) <= (double)o->enumerate ? (size_t)1 << p->n : 0;
    for (size_t j = 0; j < p->m; j++)
        for (size_t b = 0; b < p->n_blocks; b++)
            for (size_t i = p->block_start[b] + 1; i < p->block_start[b + 1]; i++)
                if (j != p->column &&
                    p->X[p->canonical[i] + p->n * j] != p->X[p->canonical[p->block_start[b]] + p->n * j])
                    return 0;
    for (size_t i = 0, low = SIZE_MAX; i < p->n; i++) {
        const double *x = p->X + p->n * p->column;
        if (x[i] == p->high)
            continue;
        if (low != SIZE_MAX && x[i] != x[low])
            return 0;
        low = i;
    }
    for (size_t b = 0; b < p->n_blocks; b++) {
        double size = (double)(p->block_start[b + 1] - p->block_start[b]);
        for (size_t i = 1; i <= p->block_ones[b]; i++)
            total *= (size - (double)p->block_ones[b] + (double)i) / (double)i;
    }
    return total <= (double)o->enumerate ? (size_t)llround(total) : 0;
}

static int make_blocks(struct nvc_permute_state *w, struct nvc_pattern *p, struct nvc_error *err)
{
    const double *x = p->X + p->n * p->column;
    size_t k = 0;
    p->position = nvc_array(w->participants, sizeof *p->position, err);
    p->canonical = nvc_array(p->n, sizeof *p->canonical, err);
    p->block_start = nvc_array(p->n + 1, sizeof *p->block_start, err);
    p->block_ones = nvc_array(p->n, sizeof *p->block_ones, err);
    if (!p->position || !p->canonical || !p->block_start || !p->block_ones)
        return NVC_ESYS;
    for (size_t i = 0; i < w->participants; i++)
        p->position[i] = SIZE_MAX;
    p->high = x[0];
    for (size_t i = 0; i < p->n; i++) {
        p->position[p->row[i]] = i;
        p->high = fmax(p->high, x[i]);
    }
    for (size_t i = 0; i < w->participants; i = w->block_end[i]) {
        size_t before = k;
        for (size_t j = i; j < w->block_end[i]; j++)
            if (p->position[w->by_block[j]] != SIZE_MAX)
                p->canonical[k++] = p->position[w->by_block[j]];
        if (k == before)
            continue;
        for (size_t j = before; j < k; j++)
            p->block_ones[p->n_blocks] += x[p->canonical[j]] == p->high;
        p->block_start[p->n_blocks++] = before;
    }
    p->block_start[p->n_blocks] = k;
    p->arrangements = count_arrangements(p, w->o);
    return 0;
}

static int make_threads(struct nvc_permute_state *w, struct nvc_error *err)
{
    size_t most_n = 1, most_m = 1, n;
    for (size_t i = 0; i < w->n_patterns; i++) {
        most_n = w->patterns[i].n > most_n ? w->patterns[i].n : most_n;
        most_m = w->patterns[i].m > most_m ? w->patterns[i].m : most_m;
    }
    w->n_threads = w->o->threads > 0 ? w->o->threads : 1;
    w->threads = nvc_array((size_t)w->n_threads, sizeof *w->threads, err);
    w->observed = nvc_array(w->k, sizeof *w->observed, err);
    n = w->participants > most_n ? w->participants : most_n;
    for (int i = 0; w->threads && i < w->n_threads; i++) {
        struct nvc_permute_work *t = &w->threads[i];
        t->order = nvc_array(2 * n, sizeof *t->order, err);
        t->D = nvc_array(most_n * (most_m + 2) + 2 * n + w->k, sizeof *t->D, err);
        t->pick = nvc_array(n, sizeof *t->pick, err);
        t->count = nvc_array(2 * w->k, sizeof *t->count, err);
        if (!t->order || !t->D || !t->pick || !t->count)
            return NVC_ESYS;
        if (w->o->remake) {
            t->y = nvc_array(w->k, sizeof *t->y, err);
            t->made = nvc_array(w->k * n, sizeof *t->made, err);
            t->E = nvc_array((w->k + LANES) * most_n, sizeof *t->E, err);
            if (!t->y || !t->made || !t->E)
                return NVC_ESYS;
            for (size_t j = 0; j < w->k; j++)
                t->y[j] = t->made + n * j;
        }
        t->drawn = t->order + n;
        t->sign = t->D + most_n * (most_m + 2);
        t->participant_sign = t->sign + n;
        t->t = t->participant_sign + n;
        t->count_family = t->count + w->k;
    }
    return w->threads && w->observed ? 0 : NVC_ESYS;
}

int nvc_permute_prepare(struct nvc_permute_state *w, struct nvc_error *err)
{
    int status = order_blocks(w, err);
    if (!status)
        status = find_patterns(w, err);
    for (size_t i = 0; i < w->n_patterns && !status; i++) {
        status = make_model(w, &w->patterns[i], err);
        if (!status)
            status = make_blocks(w, &w->patterns[i], err);
    }
    return status ? status : make_threads(w, err);
}
