#include "model/group/permute.h"

#include "base/memory.h"
#include "math/random.h"
#include "model/group/permute_internal.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* An arrangement that gives the observed data again must count, whatever rounding did. */
static bool reaches(double t, double observed)
{
    return fabs(t) >= fabs(observed) * (1 - 1e-9);
}

/* Mean t and largest |t| of the outcomes of the pool that have one. */
static size_t pool_of(const struct nvc_permute_state *w, const double *t, double *mean, double *largest)
{
    size_t n = 0;
    *mean = *largest = 0;
    for (size_t j = 0; j < w->k; j++)
        if (w->outcomes[j].in_pool && !isnan(t[j]) && w->outcomes[j].n) {
            *mean += t[j];
            *largest = fmax(*largest, fabs(t[j]));
            n++;
        }
    *mean /= (double)n;
    return n;
}

static void count(const struct nvc_permute_state *w, const struct nvc_pattern *only, struct nvc_permute_work *t,
                  bool family)
{
    double most = 0;
    size_t n = only ? only->n_outcomes : w->k;
    for (size_t i = 0; i < n; i++) {
        size_t j = only ? only->outcome[i] : i;
        t->count[j] += reaches(t->t[j], w->observed[j]);
        if (w->outcomes[j].in_family && fabs(t->t[j]) > most)
            most = fabs(t->t[j]);
    }
    for (size_t i = 0; i < n && family; i++) {
        size_t j = only ? only->outcome[i] : i;
        t->count_family[j] += reaches(most, w->observed[j]);
    }
    if (family && w->pool.n) {
        double mean, largest;
        (void)pool_of(w, t->t, &mean, &largest);
        t->count_mean += reaches(mean, w->pool.mean_t);
        t->count_largest += reaches(largest, w->pool.largest_t);
    }
}

/* The statistics of outcomes that are made again, in the model as it stands. */
static void remake(const struct nvc_permute_state *w, struct nvc_permute_work *t)
{
    const struct nvc_permute_remake *r = w->o->remake;
    bool made = r->make(r->with, omp_get_thread_num(), t->order, w->by_block, w->participants, t->y);
    for (size_t i = 0; i < w->n_patterns; i++) {
        struct nvc_pattern p = w->patterns[i];
        p.E = t->E;
        for (size_t k = 0; k < p.n_outcomes && made; k++)
            for (size_t row = 0; row < p.n; row++)
                p.E[k / NVC_PERMUTE_LANES * NVC_PERMUTE_LANES * p.n + row * NVC_PERMUTE_LANES + k % NVC_PERMUTE_LANES] =
                    t->y[p.outcome[k]][row];
        if (made)
            nvc_permute_statistics(&p, p.D, t->t);
        for (size_t k = 0; k < p.n_outcomes && !made; k++)
            t->t[p.outcome[k]] = INFINITY;
    }
}

static void draw(const struct nvc_permute_state *w, uint64_t replicate, struct nvc_permute_work *t)
{
    struct nvc_rng r;
    nvc_rng_init(&r, w->o->seed, replicate);
    if (w->o->flip)
        for (size_t i = 0; i < w->participants; i++)
            t->participant_sign[i] = nvc_rng_next(&r) >> 63 ? -1 : 1;
    else {
        memcpy(t->order, w->by_block, w->participants * sizeof *t->order);
        for (size_t start = 0; start < w->participants; start = w->block_end[start])
            for (size_t n = w->block_end[start] - start; n > 1; n--) {
                size_t k = start + (size_t)nvc_rng_below(&r, n), last = start + n - 1, was = t->order[k];
                t->order[k] = t->order[last];
                t->order[last] = was;
            }
    }
    if (w->o->remake)
        remake(w, t);
    for (size_t i = 0; i < w->n_patterns && !w->o->remake; i++) {
        if (w->o->flip)
            nvc_permute_draw_signs(&w->patterns[i], t->participant_sign, t);
        else
            nvc_permute_draw(&w->patterns[i], t->order, w->participants, t);
        nvc_permute_statistics(&w->patterns[i], t->D, t->t);
    }
}

static void clear_counts(struct nvc_permute_state *w)
{
    for (int i = 0; i < w->n_threads; i++) {
        memset(w->threads[i].count, 0, 2 * w->k * sizeof(size_t));
        w->threads[i].count_mean = w->threads[i].count_largest = 0;
    }
}

/* Add up the counts of threads into the results of the outcomes of `only` (all: NULL). */
static void conclude(struct nvc_permute_state *w, const struct nvc_pattern *only, bool family, size_t arrangements,
                     bool exact, struct nvc_permute_result *results)
{
    for (size_t i = 0; i < (only ? only->n_outcomes : w->k); i++) {
        size_t j = only ? only->outcome[i] : i, hits = 0, family_hits = 0;
        struct nvc_permute_result *r = &results[j];
        for (int k = 0; k < w->n_threads; k++) {
            hits += w->threads[k].count[j];
            family_hits += w->threads[k].count_family[j];
        }
        if (isnan(r->t))
            continue;
        r->p = (double)(hits + !exact) / (double)(arrangements + !exact);
        r->arrangements = arrangements;
        r->exact = exact;
        if (family && w->outcomes[j].in_family)
            r->p_family = (double)(family_hits + !exact) / (double)(arrangements + !exact);
    }
    if (family && w->pool.n) {
        size_t mean = 0, largest = 0;
        for (int k = 0; k < w->n_threads; k++)
            mean += w->threads[k].count_mean, largest += w->threads[k].count_largest;
        w->pool.arrangements = arrangements;
        w->pool.p_mean = (double)(mean + !exact) / (double)(arrangements + !exact);
        w->pool.p_largest = (double)(largest + !exact) / (double)(arrangements + !exact);
    }
}

static void monte_carlo(struct nvc_permute_state *w, struct nvc_permute_result *results)
{
    long replicates = (long)w->o->replicates;
    clear_counts(w);
#pragma omp parallel for num_threads(w->n_threads) schedule(dynamic, 16)
    for (long b = 0; b < replicates; b++) {
        struct nvc_permute_work *t = &w->threads[omp_get_thread_num()];
        draw(w, (uint64_t)b + 1, t);
        count(w, NULL, t, true);
    }
    conclude(w, NULL, true, w->o->replicates, false, results);
}

static void enumerate(struct nvc_permute_state *w, const struct nvc_pattern *p, bool family,
                      struct nvc_permute_result *results)
{
    long n = (long)p->arrangements;
    clear_counts(w);
#pragma omp parallel for num_threads(w->n_threads) schedule(dynamic, 64)
    for (long a = 0; a < n; a++) {
        struct nvc_permute_work *t = &w->threads[omp_get_thread_num()];
        nvc_permute_enumerate(p, (size_t)a, w->o->flip, t);
        nvc_permute_statistics(p, t->D, t->t);
        count(w, p, t, family);
    }
    conclude(w, p, family, p->arrangements, true, results);
}

int nvc_permute(const struct nvc_permute_outcome *outcomes, size_t k, size_t participants,
                const struct nvc_permute_options *o, struct nvc_permute_result *results, struct nvc_permute_pool *pool,
                struct nvc_error *err)
{
    struct nvc_permute_state w = {
        .outcomes = outcomes, .k = k, .participants = participants, .o = o, .pool = { 0, 0, NAN, NAN, NAN, NAN }
    };
    int status = nvc_permute_prepare(&w, err);
    for (size_t j = 0; j < k; j++)
        results[j] = (struct nvc_permute_result){ NAN, NAN, NAN, 0, false };
    if (!status) {
        for (size_t j = 0; j < k; j++)
            w.observed[j] = NAN;
        for (size_t i = 0; i < w.n_patterns; i++)
            nvc_permute_statistics(&w.patterns[i], w.patterns[i].D, w.observed);
        for (size_t j = 0; j < k; j++)
            results[j].t = w.observed[j];
        w.pool.n = pool_of(&w, w.observed, &w.pool.mean_t, &w.pool.largest_t);
        bool single = w.n_patterns == 1 && w.patterns[0].arrangements;
        if (!single)
            monte_carlo(&w, results);
        for (size_t i = 0; i < w.n_patterns; i++)
            if (w.patterns[i].arrangements)
                enumerate(&w, &w.patterns[i], single, results);
    }
    if (pool)
        *pool = w.pool;
    nvc_permute_release(&w);
    return status;
}
