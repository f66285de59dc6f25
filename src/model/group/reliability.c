#include "model/group/reliability.h"

#include "base/memory.h"
#include "base/text.h"
#include "math/dist.h"
#include "model/stat/bootstrap.h"
#include "model/stat/stat_corr.h"
#include "model/stat/stat_effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_reliability_release(struct nvc_reliability *r)
{
    for (size_t i = 0; r->repeats && i < r->n; i++) {
        free(r->repeats[i].occasions);
        free(r->repeats[i].ids);
        free(r->repeats[i].x);
    }
    free(r->repeats);
    free(r->rows);
    nvc_pool_release(&r->text);
    *r = (struct nvc_reliability){ 0 };
}

/* ---- collecting --------------------------------------------------------------------------------- */

struct entry { /* one usable row: texts are interned in the result's pool */
    struct nvc_key key;
    const char *id, *occasion, *other; /* other: the run when sessions are occasions, and the reverse */
    double value;
};

static int by_key_then_who(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = nvc_key_compare(&x->key, &y->key);
    order = order ? order : strcmp(x->id, y->id);
    order = order ? order : strcmp(x->occasion, y->occasion);
    return order ? order : strcmp(x->other, y->other);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int take(struct nvc_reliability *r, const struct nvc_coupling_row *row, enum nvc_occasion by, struct entry *e,
                struct nvc_error *err)
{
    const char *id = nvc_has_prefix(row->participant_id, "sub-") ? row->participant_id + 4 : row->participant_id;
    *e = (struct entry){ .key = { row->index, row->contrast, row->atlas, row->region, row->side, row->task,
                                  by == NVC_BY_SESSION ? "n/a" : row->session, row->unit, row->class_name, false, false,
                                  false },
                         .id = id,
                         .occasion = by == NVC_BY_SESSION ? row->session : row->run,
                         .other = by == NVC_BY_SESSION ? row->run : "",
                         .value = row->value };
    const char **texts[] = { &e->key.index,      &e->key.contrast, &e->key.atlas,   &e->key.region,
                             &e->key.side,       &e->key.task,     &e->key.session, &e->key.unit,
                             &e->key.class_name, &e->id,           &e->occasion,    &e->other };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        if (!(*texts[k] = nvc_pool_add(&r->text, *texts[k], err)))
            return NVC_ESYS;
    return 0;
}

/* The entries of one key become a table; occasions are those that anybody has. */
static int tabulate(struct nvc_repeats *t, const struct entry *e, size_t m, struct nvc_error *err)
{
    size_t k = 0, people = 0;
    *t = (struct nvc_repeats){ .key = e[0].key };
    t->occasions = nvc_array(m, sizeof *t->occasions, err);
    t->ids = nvc_array(m, sizeof *t->ids, err);
    if (!t->occasions || !t->ids)
        return NVC_ESYS;
    for (size_t i = 0; i < m; i++) {
        size_t j = 0;
        while (j < k && t->occasions[j] != e[i].occasion)
            j++;
        if (j == k)
            t->occasions[k++] = e[i].occasion;
        people += !i || e[i].id != e[i - 1].id;
    }
    qsort(t->occasions, k, sizeof *t->occasions, by_text);
    t->k = k;
    if (!(t->x = nvc_array(people * k, sizeof *t->x, err)))
        return NVC_ESYS;
    for (size_t i = 0, j; i < m; i = j) {
        for (j = i; j < m && e[j].id == e[i].id; j++)
            ;
        if (j - i == k) { /* sorted alike: the j-th entry is the j-th occasion */
            for (size_t o = 0; o < k; o++)
                t->x[t->n + people * o] = e[i + o].value;
            t->ids[t->n++] = e[i].id;
        } else
            t->n_incomplete++;
    }
    for (size_t o = 1; o < k; o++) /* close the columns up to n rows */
        memmove(t->x + t->n * o, t->x + people * o, t->n * sizeof *t->x);
    return 0;
}

static int refuse_twice(const struct entry *a, const struct entry *b, struct nvc_error *err)
{
    if (a->other != b->other)
        return nvc_fail(
            err, NVC_EDATA,
            "participant sub-%s has runs %s and %s of index %s in session %s; use --by run, or average the runs first",
            a->id, a->other, b->other, a->key.index, a->occasion);
    return nvc_fail(err, NVC_EDATA,
                    "participant sub-%s has two rows of index %s, contrast %s, region %s %s on occasion %s; was a "
                    "table given twice?",
                    a->id, a->key.index, a->key.contrast, a->key.region, a->key.side, a->occasion);
}

static int build(struct nvc_reliability *r, struct entry *e, size_t m, struct nvc_error *err)
{
    int status = 0;
    qsort(e, m, sizeof *e, by_key_then_who);
    for (size_t i = 1; i < m; i++)
        if (!nvc_key_compare(&e[i].key, &e[i - 1].key) && e[i].id == e[i - 1].id && e[i].occasion == e[i - 1].occasion)
            return refuse_twice(&e[i - 1], &e[i], err);
    for (size_t i = 0, j; i < m && !status; i = j) {
        for (j = i + 1; j < m && !nvc_key_compare(&e[i].key, &e[j].key); j++)
            ;
        struct nvc_repeats *t = &r->repeats[r->n];
        status = tabulate(t, e + i, j - i, err);
        r->n += 1;
        if (!status && (t->k < 2 || t->n < 2)) {
            r->n--;
            free(t->occasions);
            free(t->ids);
            free(t->x);
            *t = (struct nvc_repeats){ 0 };
        }
    }
    return status;
}

int nvc_reliability_init(struct nvc_reliability *r, const struct nvc_coupling *rows, enum nvc_occasion by,
                         double min_coverage, struct nvc_error *err)
{
    struct entry *e = nvc_array(rows->n, sizeof *e, err);
    size_t m = 0;
    *r = (struct nvc_reliability){ 0 };
    r->repeats = nvc_array(rows->n, sizeof *r->repeats, err);
    int status = e && r->repeats ? 0 : NVC_ESYS;
    for (size_t i = 0; i < rows->n && !status; i++)
        if (!isnan(rows->rows[i].value) && !(rows->rows[i].coverage < min_coverage))
            status = take(r, &rows->rows[i], by, &e[m++], err);
    if (!status && m)
        status = build(r, e, m, err);
    if (!status && !r->n)
        status = nvc_fail(err, NVC_EDATA, "no index was measured on two %s in two participants",
                          by == NVC_BY_SESSION ? "sessions" : "runs");
    if (!status && !(r->rows = nvc_array(r->n, sizeof *r->rows, err)))
        status = NVC_ESYS;
    free(e);
    return status;
}

/* ---- computing ---------------------------------------------------------------------------------- */

/* Odd against even occasions; the second of two against the first. */
static int halves(const struct nvc_repeats *t, struct nvc_reliability_row *row, struct nvc_error *err)
{
    double *h = nvc_array(2 * t->n, sizeof *h, err);
    if (!h)
        return NVC_ESYS;
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = 0; j < t->k; j++)
            h[i + t->n * (j % 2)] += t->x[i + t->n * j] / (double)(j % 2 ? t->k / 2 : (t->k + 1) / 2);
    row->halves = nvc_split_half(h, h + t->n, t->n, 0.95);
    free(h);
    return 0;
}

struct grouped { /* units in the order cases, controls */
    const struct nvc_repeats *t;
    const size_t *unit;
    int what; /* 0: g / sqrt(ICC), 1: g, 2: ICC(3,1) within groups */
};

static double g_of_whole(const double *whole, const size_t *unit, const size_t *pick, size_t n1, size_t n0)
{
    const size_t n[2] = { n1, n0 };
    double mean[2] = { 0, 0 }, squares = 0, dof = (double)(n1 + n0) - 2;
    for (size_t g = 0, first = 0; g < 2; first += n[g++]) {
        for (size_t i = 0; i < n[g]; i++)
            mean[g] += whole[unit[pick[first + i]]] / (double)n[g];
        for (size_t i = 0; i < n[g]; i++)
            squares += pow(whole[unit[pick[first + i]]] - mean[g], 2);
    }
    return nvc_hedges_j(dof) * (mean[0] - mean[1]) / sqrt(squares / dof);
}

/* Sums of squares within groups of the means over occasions and of what is left beside them. */
static double statistic(const size_t *pick, size_t n1, size_t n0, const void *data)
{
    const struct grouped *d = data;
    const size_t k = d->t->k, n = d->t->n, size[2] = { n1, n0 };
    double mean[2] = { 0, 0 }, rows = 0, error = 0, K = (double)k;
    for (size_t g = 0, first = 0; g < 2; first += size[g++]) {
        double total = 0;
        for (size_t j = 0; j < k; j++)
            for (size_t i = 0; i < size[g]; i++)
                total += d->t->x[d->unit[pick[first + i]] + n * j];
        mean[g] = total / ((double)size[g] * K);
        for (size_t i = 0; i < size[g]; i++) {
            double own = 0;
            for (size_t j = 0; j < k; j++)
                own += d->t->x[d->unit[pick[first + i]] + n * j] / K;
            rows += (own - mean[g]) * (own - mean[g]);
            for (size_t j = 0; j < k; j++) {
                double e = d->t->x[d->unit[pick[first + i]] + n * j] - own;
                error += e * e;
            }
        }
        for (size_t j = 0; j < k; j++) { /* the occasions' own means are no error */
            double column = 0;
            for (size_t i = 0; i < size[g]; i++)
                column += d->t->x[d->unit[pick[first + i]] + n * j] / (double)size[g];
            error -= (double)size[g] * (column - mean[g]) * (column - mean[g]);
        }
    }
    double dof = (double)(n1 + n0) - 2, variance = rows / dof, mse = error / (dof * (K - 1));
    double g = nvc_hedges_j(dof) * (mean[0] - mean[1]) / sqrt(variance), average = 1 - mse / (K * variance);
    g = d->t->whole ? g_of_whole(d->t->whole, d->unit, pick, n1, n0) : g;
    double single = (K * variance - mse) / (K * variance + (K - 1) * mse);
    if (d->what)
        return d->what == 1 ? g : single;
    return average > 0 ? g / sqrt(average) : NAN;
}

/* ICC(3,k) = 1 - 1/F from ICC(3,1), F of people against what is left, whose interval is exact (Shrout & Fleiss 1979). */
static void average(struct nvc_reliability_row *row, double single, double k, double dof)
{
    const double f = (1 + (k - 1) * single) / (1 - single);
    row->average = f > 1 ? 1 - 1 / f : NAN;
    row->average_low = fmax(0, 1 - nvc_f_quantile(0.975, dof, dof * (k - 1)) / f);
    row->average_high = fmax(0, 1 - 1 / (f * nvc_f_quantile(0.975, dof * (k - 1), dof)));
}

int nvc_reliability_disattenuate(const struct nvc_repeats *t, struct nvc_reliability_row *row, const struct nvc_participants *who,
                                 const struct nvc_contrast_groups *groups, size_t replicates, uint64_t seed,
                                 struct nvc_error *err)
{
    size_t *unit = nvc_array(3 * t->n, sizeof *unit, err), *control = unit + t->n, *all = unit + 2 * t->n, at;
    struct nvc_bootstrap b = { NAN, NAN, NAN, 0 };
    int status = unit ? 0 : NVC_ESYS;
    for (size_t i = 0; i < t->n && !status; i++) {
        status = nvc_participants_find(who, t->ids[i], &at, err);
        if (status || isnan(groups->group.value[at]))
            continue;
        if (groups->group.value[at] > 0)
            unit[row->n_case++] = i;
        else
            control[row->n_control++] = i;
    }
    if (!status && row->n_case > 1 && row->n_control > 1) {
        memmove(unit + row->n_case, control, row->n_control * sizeof *unit);
        for (size_t i = 0; i < row->n_case + row->n_control; i++)
            all[i] = i;
        struct grouped d = { t, unit, 1 };
        row->g = statistic(all, row->n_case, row->n_control, &d);
        d.what = 2;
        double icc = statistic(all, row->n_case, row->n_control, &d);
        row->shrinkage = icc > 0 ? sqrt(icc) : NAN;
        average(row, icc, (double)t->k, (double)(row->n_case + row->n_control) - 2);
        row->detectable_true_g =
            nvc_minimum_detectable_g((double)row->n_case, (double)row->n_control, 0.05, 0.8) / row->shrinkage;
        d.what = 0;
        status = nvc_bootstrap(statistic, &d, row->n_case, row->n_control, replicates, seed, 0.95, &b, err);
    }
    row->g_true = b.estimate, row->g_true_low = b.low, row->g_true_high = b.high;
    free(unit);
    return status;
}

int nvc_reliability_compute(struct nvc_reliability *r, const struct nvc_participants *who,
                            const struct nvc_contrast_groups *groups, size_t replicates, uint64_t seed,
                            struct nvc_error *err)
{
    int status = 0;
    for (size_t i = 0; i < r->n && !status; i++) {
        const struct nvc_repeats *t = &r->repeats[i];
        struct nvc_reliability_row *row = &r->rows[i];
        *row = (struct nvc_reliability_row){ .repeats = t,
                                             .g = NAN,
                                             .g_true = NAN,
                                             .g_true_low = NAN,
                                             .g_true_high = NAN,
                                             .shrinkage = NAN,
                                             .average = NAN,
                                             .average_low = NAN,
                                             .average_high = NAN,
                                             .detectable_true_g = NAN };
        row->agreement = nvc_agreement(t->x, t->n, t->k, 0.95);
        row->r = nvc_corr_pearson(t->x, t->x + t->n, t->n, 0.95).r;
        status = halves(t, row, err);
        if (!status)
            status = nvc_bland_altman(t->x, t->x + t->n, t->n, 0.95, &row->limits, err);
        if (!status && who && groups)
            status = nvc_reliability_disattenuate(t, row, who, groups, replicates, seed, err);
    }
    return status;
}
