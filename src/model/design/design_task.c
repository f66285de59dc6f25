/* Task columns: conditions x modulators x basis functions (SPM12 spm_fMRI_design.m, spm_Volterra.m). */
#include "base/memory.h"
#include "math/orth.h"
#include "model/design/design_internal.h"
#include "model/design/hrf_nilearn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct task {
    struct nvc_design_builder *b;
    const struct nvc_hrf *hrf;
    struct nvc_basis basis;
    struct nvc_sampling_grid grid;
    bool continuous;
};

/* AFNI's way: the response itself at the time of each volume. */
static void sum_responses(double *x, const struct task *t, const struct nvc_stimulus *s, const double *u, size_t j)
{
    for (size_t n = 0; n < t->grid.n_rows; n++)
        for (size_t i = 0; i < s->n; i++) {
            double since = (double)n * t->b->d->tr_s + t->b->d->frame_offset_s - s->onset_s[i];
            x[n] += u[i] * nvc_hrf_response(t->hrf, &t->basis, j, since);
        }
}

static int regress(double *x, const struct task *t, const struct nvc_stimulus *s, const double *u, size_t j, struct nvc_error *err)
{
    const double *B = t->continuous ? NULL : t->basis.B + t->basis.n * j;
    if (nvc_hrf_is_nilearn(t->hrf))
        return nvc_nilearn_regress(x, t->grid.n_rows, t->b->d->tr_s, t->b->d->frame_offset_s, s, u, B, t->basis.n, err);
    if (!t->continuous)
        return nvc_convolve_events(x, &t->grid, s, u, B, t->basis.n, err);
    sum_responses(x, t, s, u, j);
    return 0;
}

/* The declared event of condition c: --event-duration, the model's own duration, or the median of the condition. */
static int event_duration(double *duration, const struct task *t, size_t c, struct nvc_error *err)
{
    const struct nvc_design_spec *spec = t->b->spec;
    const char *name = spec->events->conditions[c];
    const struct nvc_duration *own = NULL;
    if (t->continuous) {
        *duration = t->hrf->d > 0 ? t->hrf->d : 0;
        return 0;
    }
    for (size_t i = 0; i < spec->n_durations; i++) {
        const struct nvc_duration *d = &spec->durations[i];
        if (!d->condition || (strlen(name) == d->n_condition && !strncmp(name, d->condition, d->n_condition)))
            own = d;
    }
    if (!own)
        return nvc_events_median_duration(spec->events, c, duration, err);
    *duration = own->duration_s;
    return 0;
}

/* Largest value on the microtime grid of what one isolated event of that duration gives in function j. */
static int reference_height(double *height, const struct task *t, double duration, size_t j, struct nvc_error *err)
{
    bool nilearn = nvc_hrf_is_nilearn(t->hrf);
    double dt = t->grid.dt_s, onset = 0, one = duration > 0 || t->continuous || nilearn ? 1 : 1 / dt;
    double length = t->continuous ? nvc_hrf_length(t->hrf, &t->basis) : (double)t->basis.n * dt + duration;
    double lasting = nilearn ? fmax(0, duration - dt) : duration; /* SPM's boxes have a bin more */
    struct nvc_stimulus s = { .n = 1, .n_inputs = 1, .onset_s = &onset, .duration_s = &lasting };
    struct nvc_sampling_grid every = { dt, 1, 1, (size_t)ceil(length / dt) + 2 };
    double *x = nvc_array(every.n_rows, sizeof *x, err);
    int status = x ? 0 : (int)err->status;
    if (!status && !t->continuous)
        status = nvc_convolve_events(x, &every, &s, &one, t->basis.B + t->basis.n * j, t->basis.n, err);
    for (size_t k = 0; !status && t->continuous && k < every.n_rows; k++)
        x[k] = nvc_hrf_response(t->hrf, &t->basis, j, (double)k * dt);
    *height = NAN;
    for (size_t k = 0; !status && k < every.n_rows; k++)
        *height = k && *height >= x[k] ? *height : x[k];
    free(x);
    return status;
}

static void name_column(struct nvc_text *name, const char *condition, const char *modulator, const char *basis, int *status,
                        struct nvc_error *err)
{
    name->len = 0;
    if (!*status)
        *status = nvc_text_printf(name, err, "%s%s%s%s%s", condition, *modulator ? "_x_" : "", modulator,
                                  strcmp(basis, "hrf") ? "_" : "", strcmp(basis, "hrf") ? basis : "");
}

/* A height means something where the column is a response of its own, not a correction of another. */
static bool has_height(const char *basis) { return strcmp(basis, "derivative") && strcmp(basis, "dispersion"); }

static int add_columns(struct task *t, size_t c, const struct nvc_stimulus *s, double *X, struct nvc_error *err)
{
    struct nvc_text name = { 0 };
    double duration = NAN;
    int status = event_duration(&duration, t, c, err);
    for (size_t i = 0; !status && i < s->n_inputs; i++)
        for (size_t j = 0; !status && j < t->basis.n_functions; j++) {
            struct nvc_regressor r = { .role = NVC_ROLE_TASK, .condition = t->b->spec->events->conditions[c], .basis = t->basis.names[j],
                                       .modulator = i ? s->inputs[i] : NULL, .event_duration_s = duration, .h_ref = NAN, .n_events = s->n };
            name_column(&name, r.condition, s->inputs[i], r.basis, &status, err);
            r.name = name.data;
            if (!status && has_height(r.basis) && t->hrf->kind != NVC_HRF_GAMMA)
                status = reference_height(&r.h_ref, t, duration, j, err);
            if (!status)
                status = nvc_builder_add(t->b, &r, X + t->grid.n_rows * (j + t->basis.n_functions * i), NULL, err);
        }
    nvc_text_release(&name);
    return status;
}

/* AFNI's models do not look at durations: say so where the events have others. */
static int compare_durations(const struct task *t, size_t c, const struct nvc_stimulus *s, struct nvc_error *err)
{
    double own = t->hrf->d > 0 ? t->hrf->d : 0, worst = 0;
    for (size_t i = 0; i < s->n; i++)
        worst = fabs(s->duration_s[i] - own) > fabs(worst - own) || !i ? s->duration_s[i] : worst;
    if (t->hrf->kind == NVC_HRF_TENT || fabs(worst - own) <= 1)
        return 0;
    return nvc_builder_remark(t->b, err, "condition '%s': the response model takes every event to last %g s, but some last %g s",
                              t->b->spec->events->conditions[c], own, worst);
}

static int add_condition(struct task *t, size_t c, struct nvc_error *err)
{
    const struct nvc_design_spec *spec = t->b->spec;
    struct nvc_stimulus s;
    double memory = t->continuous ? nvc_hrf_length(t->hrf, &t->basis) : (double)t->basis.n * t->grid.dt_s, *X = NULL;
    if (nvc_hrf_is_nilearn(t->hrf))
        memory = fmin(memory, nvc_nilearn_past_s);
    size_t n = t->grid.n_rows, m;
    int status = nvc_stimulus_init(&s, t->b, c, memory, err);
    if (status)
        return status;
    m = s.n_inputs * t->basis.n_functions;
    if (!(X = nvc_array(n * m, sizeof *X, err)))
        status = (int)err->status;
    for (size_t k = 0; !status && k < m; k++)
        status = regress(X + n * k, t, &s, s.u + s.n * (k / t->basis.n_functions), k % t->basis.n_functions, err);
    bool plain = t->continuous || t->hrf->kind == NVC_HRF_FIR;
    if (!status && (spec->orthogonal == NVC_ORTH_SPM || (spec->orthogonal == NVC_ORTH_AUTO && !plain)))
        nvc_orth(X, n, m);
    if (!status && t->continuous)
        status = compare_durations(t, c, &s, err);
    if (!status)
        status = add_columns(t, c, &s, X, err);
    free(X);
    nvc_stimulus_release(&s);
    return status;
}

static int check_durations(const struct task *t, struct nvc_error *err)
{
    const struct nvc_design_spec *spec = t->b->spec;
    if (t->continuous && spec->n_durations)
        return nvc_fail(err, NVC_EUSAGE, "a declared event duration goes with responses that are convolved with events (spm, glover, fir, "
                        "a kernel); block:D and gam:P,Q,D have their own");
    for (size_t i = 0; i < spec->n_durations; i++) {
        const struct nvc_duration *d = &spec->durations[i];
        bool known = !d->condition;
        for (size_t c = 0; !known && c < spec->events->n_conditions; c++)
            known = strlen(spec->events->conditions[c]) == d->n_condition && !strncmp(spec->events->conditions[c], d->condition, d->n_condition);
        if (!known)
            return nvc_fail(err, NVC_EDATA, "event duration of '%.*s': there is no such condition", (int)d->n_condition, d->condition);
    }
    return 0;
}

int nvc_builder_task(struct nvc_design_builder *b, const struct nvc_hrf *hrf, int bin, struct nvc_error *err)
{
    double dt = b->spec->tr_s / b->d->microtime;
    struct task t = { .b = b, .hrf = hrf, .grid = { dt, b->d->microtime, bin, b->d->n_rows }, .continuous = nvc_hrf_is_continuous(hrf) };
    int status = check_durations(&t, err);
    if (!status)
        status = nvc_basis_init(&t.basis, hrf, dt, b->spec->tr_s, err);
    for (size_t c = 0; !status && c < b->spec->events->n_conditions; c++)
        status = add_condition(&t, c, err);
    nvc_basis_release(&t.basis);
    return status;
}
