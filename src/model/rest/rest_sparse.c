/* Non-negative orthogonal matching pursuit of events under AR(1) noise. */
#include "model/rest/rest_width_internal.h"

#include "base/memory.h"
#include "math/vector.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct pursuit {
    const struct nvc_width_fit *f;
    const struct nvc_width_scale *scale;
    size_t n, n_drift;     /* rows after whitening: scans - 1 */
    double ar;
    double *drift;         /* whitened drift, orthonormal */
    double *y, *r;         /* whitened series without drift; its residual */
    double *atom;          /* whitened kernel, by grid step since the event */
    size_t n_atom;
    double *norm2;         /* of each atom without drift */
    size_t n_active, most;
    long *active;
    double *U, *R;         /* orthonormal atoms n x most; triangle most x most (column-major) */
    double *gain, *coef;
    double *correlation;   /* of every atom with the residual */
    double *padded, *phase;/* the residual with zeros around it; every per-th sample of the atom */
    size_t pad;            /* zeros before and after: the longest atom */
};

/* Rows and kernel samples where atom j is not zero: row t (scan t + 1) holds sample
 * (t + 1) per_tr - onset. */
struct span { size_t row, sample, count; };
static struct span span_of(const struct pursuit *p, long j)
{
    const long per = (long)p->f->per_tr, onset = p->f->first + j;
    long row = onset <= per ? 0 : (onset + per - 1) / per - 1;
    const long sample = (row + 1) * per - onset;
    if (row >= (long)p->n || sample >= (long)p->n_atom)
        return (struct span){ 0 };
    long count = ((long)p->n_atom - 1 - sample) / per + 1;
    if (count > (long)p->n - row)
        count = (long)p->n - row;
    return (struct span){ (size_t)row, (size_t)sample, (size_t)count };
}

static double correlate(const struct pursuit *p, long j, const double *v)
{
    const struct span s = span_of(p, j);
    double sum = 0;
    for (size_t i = 0; i < s.count; i++)
        sum += p->atom[s.sample + i * p->f->per_tr] * v[s.row + i];
    return sum;
}

static void whiten(const double *x, size_t n, double ar, double *out)
{
    for (size_t t = 1; t < n; t++)
        out[t - 1] = x[t] - ar * x[t - 1];
}

/* Whitened cosines lose orthogonality: modified Gram-Schmidt, twice. */
static void whiten_drift(struct pursuit *p)
{
    for (size_t j = 0; j < p->n_drift; j++) {
        double *q = p->drift + p->n * j;
        whiten(p->f->drift + p->f->n * j, p->f->n, p->ar, q);
        for (int pass = 0; pass < 2; pass++)
            for (size_t k = 0; k < j; k++)
                nvc_subtract(q, nvc_dot(p->drift + p->n * k, q, p->n), p->drift + p->n * k, p->n);
        const double length = sqrt(nvc_dot(q, q, p->n));
        for (size_t t = 0; t < p->n; t++)
            q[t] /= length;
    }
}

static void set_scale(struct pursuit *p, const struct nvc_width_scale *scale)
{
    const size_t per = p->f->per_tr;
    double largest = 0;
    p->scale = scale;
    p->n_atom = scale->n_kernel + per;
    for (size_t i = 0; i < p->n_atom; i++)
        p->atom[i] = (i < scale->n_kernel ? scale->kernel[i] : 0) - (i >= per ? p->ar * scale->kernel[i - per] : 0);
    for (long j = 0; j < p->f->n_onsets; j++) {
        const struct span s = span_of(p, j);
        double sum = 0;
        for (size_t i = 0; i < s.count; i++)
            sum += p->atom[s.sample + i * per] * p->atom[s.sample + i * per];
        for (size_t k = 0; k < p->n_drift && sum > 0; k++) {
            const double c = correlate(p, j, p->drift + p->n * k);
            sum -= c * c;
        }
        p->norm2[j] = sum;
        largest = fmax(largest, sum);
    }
    for (long j = 0; j < p->f->n_onsets; j++) /* an event of which hardly anything is seen fits anything */
        if (p->norm2[j] < 0.2 * largest)
            p->norm2[j] = 0;
}

/* Correlation of the residual with all atoms: onsets that see the same samples of the atom are neighbours, so that sums run
 * along the series. */
static void correlate_all(struct pursuit *p)
{
    const long per = (long)p->f->per_tr;
    memcpy(p->padded + p->pad, p->r, p->n * sizeof *p->r);
    for (long first = 0; first < per && first < p->f->n_onsets; first++) {
        const long onset = p->f->first + first, phase = ((-onset) % per + per) % per, row = (onset + phase) / per - 1;
        const size_t count = ((size_t)((long)p->n_atom - phase) + (size_t)per - 1) / (size_t)per;
        const size_t n = (size_t)((p->f->n_onsets - first + per - 1) / per);
        memset(p->phase, 0, n * sizeof *p->phase);
        for (size_t i = 0; i < count; i += 4) {
            const double *r = p->padded + (size_t)((long)p->pad + row) + i;
            double a[4] = { 0 };
            for (size_t k = 0; k < 4 && i + k < count; k++)
                a[k] = p->atom[(size_t)phase + (i + k) * (size_t)per];
            for (size_t k = 0; k < n; k++)
                p->phase[k] += (a[0] * r[k] + a[1] * r[k + 1]) + (a[2] * r[k + 2] + a[3] * r[k + 3]);
        }
        for (size_t k = 0; k < n; k++)
            p->correlation[first + (long)k * per] = p->phase[k];
    }
}

/* Orthonormalise atom j against drift and active set, and take it out of the residual.  False when it adds
 * no direction. */
static bool activate(struct pursuit *p, long j)
{
    const size_t k = p->n_active, n = p->n;
    double *u = p->U + n * k, *R = p->R + p->most * k;
    const struct span s = span_of(p, j);
    memset(u, 0, n * sizeof *u);
    for (size_t i = 0; i < s.count; i++)
        u[s.row + i] = p->atom[s.sample + i * p->f->per_tr];
    double *along = p->phase; /* products run over the few rows of the atom; one pass is enough, as twins are refused */
    const int rows = (int)n, seen = (int)s.count;
    cblas_dgemv(CblasColMajor, CblasTrans, seen, (int)p->n_drift, 1, p->drift + s.row, rows, u + s.row, 1, 0, along, 1);
    if (k > 0)
        cblas_dgemv(CblasColMajor, CblasTrans, seen, (int)k, 1, p->U + s.row, rows, u + s.row, 1, 0, R, 1);
    cblas_dgemv(CblasColMajor, CblasNoTrans, rows, (int)p->n_drift, -1, p->drift, rows, along, 1, 1, u, 1);
    if (k > 0)
        cblas_dgemv(CblasColMajor, CblasNoTrans, rows, (int)k, -1, p->U, rows, R, 1, 1, u, 1);
    const double length2 = nvc_dot(u, u, n);
    if (!(length2 > 0.02 * p->norm2[j])) /* twins of an active event */
        return false;
    R[k] = sqrt(length2);
    for (size_t t = 0; t < n; t++)
        u[t] /= R[k];
    p->gain[k] = nvc_dot(u, p->r, n);
    nvc_subtract(p->r, p->gain[k], u, n);
    p->active[k] = j;
    p->n_active++;
    return true;
}

static void amplitudes(struct pursuit *p)
{
    for (size_t i = p->n_active; i-- > 0;) {
        double c = p->gain[i];
        for (size_t k = i + 1; k < p->n_active; k++)
            c -= p->R[i + p->most * k] * p->coef[k];
        p->coef[i] = c / p->R[i + p->most * i];
    }
}

static void restart(struct pursuit *p, const long *keep, size_t n_keep)
{
    p->n_active = 0;
    memcpy(p->r, p->y, p->n * sizeof *p->r);
    for (size_t i = 0; i < n_keep; i++)
        (void)activate(p, keep[i]);
}

/* Drop events of negative amplitude until there are none. */
static void prune(struct pursuit *p)
{
    for (;;) {
        size_t kept = 0, before = p->n_active;
        amplitudes(p);
        for (size_t i = 0; i < p->n_active; i++)
            if (p->coef[i] > 0)
                p->active[kept++] = p->active[i];
        if (kept == before)
            return;
        restart(p, p->active, kept);
    }
}

static double criterion_of(const struct pursuit *p)
{
    return (double)p->n * log(nvc_dot(p->r, p->r, p->n)) + p->f->spec.event_penalty * (double)p->n_active;
}

static double pursue(struct pursuit *p)
{
    double now;
    restart(p, NULL, 0);
    now = criterion_of(p);
    while (p->n_active < p->most) {
        long best = -1;
        double most = 0;
        correlate_all(p);
        for (long j = 0; j < p->f->n_onsets; j++) {
            if (!(p->norm2[j] > 0))
                continue;
            const double c = p->correlation[j], score = c > 0 ? c * c / p->norm2[j] : 0;
            if (score > most)
                most = score, best = j;
        }
        if (best < 0 || !activate(p, best))
            break;
        prune(p);
        const double next = criterion_of(p);
        if (!(next < now))
            break; /* the last event did not pay: it stays out below */
        now = next;
    }
    if (p->n_active && !(criterion_of(p) <= now))
        restart(p, p->active, p->n_active - 1);
    amplitudes(p);
    return criterion_of(p);
}

static int keep_best(const struct pursuit *p, double criterion, struct nvc_sparse *best, struct nvc_error *err)
{
    const size_t k = p->n_active;
    double before = 0, below = 0, across = 0;
    const double sigma = sqrt(nvc_dot(p->r, p->r, p->n) / fmax(1, (double)p->n - (double)p->n_drift - (double)k));
    nvc_sparse_release(best);
    *best = (struct nvc_sparse){ .criterion = criterion, .rss = nvc_dot(p->r, p->r, p->n), .scale = p->scale->s, .n_events = k };
    if (!(best->onset = nvc_array(k, sizeof *best->onset, err)) ||
        !(best->amplitude = nvc_array(k, sizeof *best->amplitude, err)) ||
        !(best->se = nvc_array(k, sizeof *best->se, err)))
        return NVC_ESYS;
    for (size_t t = 0; t < p->n; t++) { /* undo the whitening: the noise itself, and its lag-one correlation */
        const double noise = p->ar * before + p->r[t];
        across += noise * before;
        below += before * before;
        before = noise;
    }
    best->ar = below > 0 ? fmax(0, fmin(0.95, across / below)) : 0;
    for (size_t i = 0; i < k; i++) {
        best->onset[i] = p->f->first + p->active[i];
        best->amplitude[i] = p->coef[i];
        best->se[i] = sigma / sqrt(p->norm2[p->active[i]]);
    }
    return 0;
}

void nvc_sparse_release(struct nvc_sparse *s)
{
    free(s->onset);
    free(s->amplitude);
    free(s->se);
    *s = (struct nvc_sparse){ 0 };
}

int nvc_sparse_search(const struct nvc_width_fit *f, const double *y, double ar, int step,
                      double *criterion, struct nvc_sparse *best, struct nvc_error *err)
{
    const size_t n = f->n - 1, most = f->n / 3, onsets = (size_t)f->n_onsets;
    const size_t longest = f->scale[NVC_WIDTH_SCALES - 1].n_kernel + f->per_tr;
    struct pursuit p = { .f = f, .n = n, .n_drift = f->n_drift, .ar = ar, .most = most, .pad = longest };
    int status = NVC_ESYS;
    if (!(p.drift = nvc_array(n * f->n_drift, sizeof *p.drift, err)) || !(p.y = nvc_array(n, sizeof *p.y, err)) ||
        !(p.r = nvc_array(n, sizeof *p.r, err)) || !(p.atom = nvc_array(longest, sizeof *p.atom, err)) ||
        !(p.norm2 = nvc_array(onsets, sizeof *p.norm2, err)) || !(p.active = nvc_array(most, sizeof *p.active, err)) ||
        !(p.U = nvc_array(n * most, sizeof *p.U, err)) || !(p.R = nvc_array(most * most, sizeof *p.R, err)) ||
        !(p.correlation = nvc_array(onsets, sizeof *p.correlation, err)) || !(p.phase = nvc_array(onsets, sizeof *p.phase, err)) ||
        !(p.padded = nvc_array(n + onsets + 2 * p.pad, sizeof *p.padded, err)) ||
        !(p.gain = nvc_array(most, sizeof *p.gain, err)) || !(p.coef = nvc_array(most, sizeof *p.coef, err)))
        goto out;
    whiten_drift(&p);
    whiten(y, f->n, ar, p.y);
    for (size_t k = 0; k < p.n_drift; k++)
        nvc_subtract(p.y, nvc_dot(p.drift + n * k, p.y, n), p.drift + n * k, n);
    *best = (struct nvc_sparse){ .criterion = INFINITY };
    for (size_t k = 0; k < NVC_WIDTH_SCALES; k += (size_t)step) {
        set_scale(&p, f->scale + k);
        criterion[k] = pursue(&p);
        if (criterion[k] < best->criterion && (status = keep_best(&p, criterion[k], best, err)))
            goto out;
    }
    status = 0;
out:
    free(p.drift);
    free(p.y);
    free(p.r);
    free(p.atom);
    free(p.norm2);
    free(p.active);
    free(p.U);
    free(p.R);
    free(p.gain);
    free(p.correlation);
    free(p.padded);
    free(p.phase);
    free(p.coef);
    return status;
}
