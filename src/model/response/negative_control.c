#include "model/response/negative_control.h"

#include "base/memory.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double before_s[2] = { -6, -2 }, apart_s = 10, least_own = 0.1, most_shared = 0.75;
enum { FEWEST_ONSETS = 3, CANDIDATES = 200 };

void nvc_negative_control_release(struct nvc_negative_control *c)
{
    free(c->x);
    *c = (struct nvc_negative_control){ 0 };
}

/* Orthonormal columns that span some columns of the design. */
static int span(struct nvc_lsq *f, const struct nvc_design *d, bool (*with)(enum nvc_role), struct nvc_error *err)
{
    double *X = nvc_array(d->n_rows * d->n_cols, sizeof *X, err);
    size_t m = 0;
    for (size_t j = 0; X && j < d->n_cols; j++)
        if (with(d->columns[j].role))
            memcpy(X + d->n_rows * m++, d->X + d->n_rows * j, d->n_rows * sizeof *X);
    int status = X ? nvc_lsq_init(f, X, d->n_rows, m, err) : NVC_ESYS;
    free(X);
    return status;
}

static bool of_drift(enum nvc_role role) { return role == NVC_ROLE_DRIFT || role == NVC_ROLE_CONSTANT; }
static bool of_task(enum nvc_role role) { return of_drift(role) || role == NVC_ROLE_TASK; }
static bool of_all(enum nvc_role role) { (void)role; return true; }

/* Sum of squares of what the columns leave of x; r (NULL: not wanted) is that. */
static double leave(const struct nvc_lsq *f, const double *x, double *r)
{
    double ss = 0, explained = 0;
    for (size_t i = 0; i < f->n; i++) {
        ss += x[i] * x[i];
        if (r)
            r[i] = x[i];
    }
    for (size_t k = 0; k < f->rank; k++) {
        const double *q = f->Q + f->n * k;
        double b = 0;
        for (size_t i = 0; i < f->n; i++)
            b += q[i] * x[i];
        explained += b * b;
        for (size_t i = 0; r && i < f->n; i++)
            r[i] -= b * q[i];
    }
    return fmax(0, ss - explained);
}

/* ---- before the onsets --------------------------------------------------------------------------- */

static bool follows(const struct nvc_events *e, size_t i, double gap_s)
{
    for (size_t j = 0; j < e->n; j++)
        if (e->condition[j] == e->condition[i] && (e->onset_s[j] < e->onset_s[i] || (e->onset_s[j] == e->onset_s[i] && j < i)) &&
            e->onset_s[i] - (e->onset_s[j] + e->duration_s[j]) <= gap_s)
            return true;
    return false;
}

int nvc_negative_before(struct nvc_negative_control *c, const struct nvc_negative_run *run, size_t condition, double gap_s,
                        struct nvc_error *err)
{
    const struct nvc_design *d = run->design;
    const struct nvc_events *e = run->events;
    const double begin_s = (double)d->n_dummy * d->tr_s, end_s = begin_s + (double)d->n_rows * d->tr_s;
    struct nvc_lsq all = { 0 };
    double mean = 0, ss = 0;
    *c = (struct nvc_negative_control){ .why = "few_onsets", .own = NAN };
    if (!(c->x = nvc_array(d->n_rows, sizeof *c->x, err)))
        return NVC_ESYS;
    for (size_t k = 0; k < e->n; k++) {
        const double from_s = e->onset_s[k] + before_s[0], to_s = e->onset_s[k] + before_s[1];
        if (e->condition[k] != condition || from_s < begin_s || to_s > end_s || follows(e, k, gap_s))
            continue;
        c->n++;
        for (size_t i = 0; i < d->n_rows; i++) {
            const double t = begin_s + (double)i * d->tr_s + d->frame_offset_s;
            c->x[i] += t >= from_s && t < to_s;
        }
    }
    for (size_t i = 0; i < d->n_rows; i++)
        mean += c->x[i] / (double)d->n_rows;
    for (size_t i = 0; i < d->n_rows; i++)
        ss += (c->x[i] - mean) * (c->x[i] - mean);
    int status = span(&all, d, of_all, err);
    if (!status) {
        c->own = ss > 0 ? leave(&all, c->x, NULL) / ss : 0;
        c->why = c->n < FEWEST_ONSETS ? "few_onsets" : c->own < least_own ? "overlap" : "";
    }
    if (status || *c->why) {
        free(c->x);
        c->x = NULL;
    }
    nvc_lsq_release(&all);
    return status;
}

/* ---- shifted round the run ----------------------------------------------------------------------- */

/* What choosing among the shifts of one condition needs. */
struct shifting {
    const struct nvc_negative_run *run;
    size_t condition;
    double duration_s, begin_s, span_s;
    struct nvc_lsq drift, task, all;
    double *r;               /* n rows: what the model leaves of one shift */
};

/* Those that the model of the run knows: SPM's two volumes before the first, up to the end. */
static bool is_of_run(const struct shifting *s, size_t i)
{
    const struct nvc_events *e = s->run->events;
    return e->condition[i] == s->condition && e->onset_s[i] >= s->begin_s - 2 * s->run->design->tr_s && e->onset_s[i] < s->begin_s + s->span_s;
}

/* The canonical response to the events of the condition moved by shift_s: *d has one column. */
static int shift(struct nvc_design *d, const struct shifting *s, double shift_s, struct nvc_error *err)
{
    const struct nvc_events *e = s->run->events;
    const char *name = e->conditions[s->condition];
    const struct nvc_hrf canonical = { .kind = NVC_HRF_SPM, .n_functions = 1, .length_s = 32 };
    const struct nvc_duration declared = { name, strlen(name), s->duration_s };
    struct nvc_events moved = { 0 };
    struct nvc_design_spec spec;
    int status = nvc_events_init(&moved, NULL, err);
    for (size_t i = 0; i < e->n && !status; i++) {
        const double since = fmod(e->onset_s[i] - s->begin_s + shift_s, s->span_s);
        if (is_of_run(s, i))
            status = nvc_events_add(&moved, &(struct nvc_event){ s->begin_s + since + (since < 0 ? s->span_s : 0), e->duration_s[i],
                                                                 e->weight[i], name, NULL }, err);
    }
    if (!status)
        status = nvc_events_finish(&moved, err);
    nvc_design_defaults(&spec);
    spec.n_volumes = s->run->spec->n_volumes, spec.tr_s = s->run->spec->tr_s, spec.n_dummy = s->run->spec->n_dummy;
    spec.slice_time_corrected = s->run->spec->slice_time_corrected, spec.start_time_s = s->run->spec->start_time_s;
    spec.frame_time_s = s->run->spec->frame_time_s, spec.microtime = s->run->spec->microtime;
    spec.high_pass_s = NAN, spec.constant = false;
    spec.hrf = &canonical, spec.events = &moved, spec.durations = &declared, spec.n_durations = 1;
    if (!status)
        status = nvc_design_build(d, &spec, err);
    nvc_events_release(&moved);
    return status;
}

/* Share of a shifted column that the conditions of the run explain, drift apart. */
static int share(const struct shifting *s, double shift_s, double *shared, struct nvc_error *err)
{
    struct nvc_design d = { 0 };
    int status = shift(&d, s, shift_s, err);
    if (!status) {
        const double ss = leave(&s->drift, d.X, NULL);
        *shared = ss > 0 ? 1 - leave(&s->task, d.X, NULL) / ss : 1;
    }
    nvc_design_release(&d);
    return status;
}

static bool apart(const struct nvc_negative_control *c, double shift_s, double span_s)
{
    bool far = shift_s >= apart_s && span_s - shift_s >= apart_s;
    for (size_t k = 0; k < c->n; k++) {
        const double off = fabs(c->shift_s[k] - shift_s);
        far &= off >= apart_s && span_s - off >= apart_s;
    }
    return far;
}

static int ascending(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/* The shifts that are least like the run, the best first, none near one that was taken. */
static int choose(struct nvc_negative_control *c, const struct shifting *s, size_t n_shifts, struct nvc_error *err)
{
    const double step_s = fmax(s->run->design->tr_s, s->span_s / CANDIDATES);
    const size_t n = (size_t)(s->span_s / step_s);
    double *shared = nvc_array(n, sizeof *shared, err);
    int status = shared ? 0 : NVC_ESYS;
    for (size_t k = 0; k < n && !status; k++)
        if (apart(c, (double)k * step_s, s->span_s))
            status = share(s, (double)k * step_s, &shared[k], err);
    while (!status && c->n < n_shifts) {
        size_t best = n;
        for (size_t k = 0; k < n; k++)
            if (apart(c, (double)k * step_s, s->span_s) && shared[k] <= (best < n ? shared[best] - 1e-9 : most_shared))
                best = k;
        if (best == n)
            break;
        c->shift_s[c->n++] = (double)best * step_s;
    }
    qsort(c->shift_s, c->n, sizeof *c->shift_s, ascending);
    free(shared);
    return status;
}

/* x = z / z'z with z the mean over shifts of h r / r'r: then its coefficient is the mean of theirs, times h. */
static int put_together(struct nvc_negative_control *c, struct shifting *s, struct nvc_error *err)
{
    const size_t n = s->run->design->n_rows;
    double zz = 0;
    int status = 0;
    for (size_t k = 0; k < c->n && !status; k++) {
        struct nvc_design d = { 0 };
        if (!(status = shift(&d, s, c->shift_s[k], err))) {
            const double ss = leave(&s->drift, d.X, NULL), rr = leave(&s->all, d.X, s->r);
            c->own = fmin(isnan(c->own) ? 1 : c->own, rr / ss);
            for (size_t i = 0; i < n && rr > 0; i++)
                c->x[i] += d.columns[0].h_ref * s->r[i] / (rr * (double)c->n);
        }
        nvc_design_release(&d);
    }
    for (size_t i = 0; i < n; i++)
        zz += c->x[i] * c->x[i];
    for (size_t i = 0; i < n && zz > 0; i++)
        c->x[i] /= zz;
    return status;
}

int nvc_negative_shifted(struct nvc_negative_control *c, const struct nvc_negative_run *run, size_t condition, double duration_s,
                         size_t n_shifts, struct nvc_error *err)
{
    const struct nvc_design *d = run->design;
    struct shifting s = { .run = run, .condition = condition, .duration_s = duration_s, .begin_s = (double)d->n_dummy * d->tr_s,
                          .span_s = (double)d->n_rows * d->tr_s };
    size_t n = 0;
    *c = (struct nvc_negative_control){ .why = "few_onsets", .own = NAN };
    for (size_t i = 0; i < run->events->n; i++)
        n += is_of_run(&s, i);
    if (!n)
        return 0;
    c->why = "";
    int status = span(&s.drift, d, of_drift, err);
    status = status ? status : span(&s.task, d, of_task, err);
    status = status ? status : span(&s.all, d, of_all, err);
    if (!status && (!(s.r = nvc_array(d->n_rows, sizeof *s.r, err)) || !(c->x = nvc_array(d->n_rows, sizeof *c->x, err))))
        status = NVC_ESYS;
    if (!status)
        status = choose(c, &s, n_shifts, err);
    if (!status)
        status = put_together(c, &s, err);
    if (!status && (!c->n || c->own < least_own))
        c->why = "overlap";
    if (status || *c->why) {
        free(c->x);
        c->x = NULL;
    }
    nvc_lsq_release(&s.drift);
    nvc_lsq_release(&s.task);
    nvc_lsq_release(&s.all);
    free(s.r);
    return status;
}
