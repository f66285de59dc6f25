#include "model/design/design.h"

#include "base/memory.h"
#include "model/design/design_internal.h"
#include "model/design/hrf_nilearn.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const role_names[] = { "unknown", "task", "confound", "drift", "censor", "constant" };

const char *nvc_role_name(enum nvc_role role) { return role_names[role]; }

enum nvc_role nvc_role_of(const char *name)
{
    for (int i = NVC_ROLE_TASK; i <= NVC_ROLE_CONSTANT; i++)
        if (!strcmp(name, role_names[i]))
            return (enum nvc_role)i;
    return NVC_ROLE_UNKNOWN;
}

void nvc_design_release(struct nvc_design *d)
{
    for (size_t j = 0; j < d->n_cols; j++) {
        free(d->columns[j].name);
        free(d->columns[j].condition);
        free(d->columns[j].basis);
        free(d->columns[j].modulator);
    }
    free(d->columns);
    free(d->X);
    free(d->remarks);
    *d = (struct nvc_design){ 0 };
}

size_t nvc_design_censored(const struct nvc_design *d, bool *censored)
{
    size_t n = 0;
    for (size_t t = 0; t < d->n_rows; t++) {
        bool out = false;
        for (size_t j = 0; j < d->n_cols && !out; j++)
            out = d->columns[j].role == NVC_ROLE_CENSOR && d->X[t + j * d->n_rows] != 0;
        if (censored)
            censored[t] = out;
        n += out;
    }
    return n;
}

long nvc_design_column(const struct nvc_design *d, const char *name)
{
    for (size_t j = 0; j < d->n_cols; j++)
        if (!strcmp(d->columns[j].name, name))
            return (long)j;
    return -1;
}

void nvc_design_defaults(struct nvc_design_spec *spec)
{
    *spec = (struct nvc_design_spec){ .slice_time_corrected = -1, .frame_time_s = NAN, .microtime = 16, .high_pass_s = 128,
                                      .constant = true };
}

static int copy_text(char **to, const char *from, struct nvc_error *err)
{
    *to = from ? nvc_strdup(from, err) : NULL;
    return from && !*to ? (int)err->status : 0;
}

int nvc_builder_add(struct nvc_design_builder *b, const struct nvc_regressor *r, const double *x, double **out, struct nvc_error *err)
{
    struct nvc_design *d = b->d;
    if (nvc_design_column(d, r->name) >= 0)
        return nvc_fail(err, NVC_EDATA, "two columns of the design are called '%s'; %s", r->name, r->role == NVC_ROLE_DRIFT
                        ? "leave the cosines of the confounds table out, or take them instead of ours (--high-pass 0)"
                        : "rename the condition or the confound");
    int status = nvc_grow(&d->columns, &b->cap_columns, d->n_cols + 1, sizeof *d->columns, err);
    if (!status)
        status = nvc_grow(&d->X, &b->cap_values, d->n_rows * (d->n_cols + 1), sizeof *d->X, err);
    if (status)
        return status;
    struct nvc_regressor *c = &d->columns[d->n_cols];
    *c = (struct nvc_regressor){ .role = r->role, .event_duration_s = r->event_duration_s, .h_ref = r->h_ref, .n_events = r->n_events };
    double *to = d->X + d->n_rows * d->n_cols++;
    if (x)
        memcpy(to, x, d->n_rows * sizeof *to);
    else
        memset(to, 0, d->n_rows * sizeof *to);
    if (out)
        *out = to;
    if ((status = copy_text(&c->name, r->name, err)) || (status = copy_text(&c->condition, r->condition, err)) ||
        (status = copy_text(&c->basis, r->basis, err)))
        return status;
    return copy_text(&c->modulator, r->modulator, err);
}

int nvc_builder_remark(struct nvc_design_builder *b, struct nvc_error *err, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    return nvc_text_printf(&b->remarks, err, "%s%s", b->remarks.len ? "\n" : "", line);
}

int nvc_frame_offset(const struct nvc_design_spec *spec, double *offset_s, int *bin, struct nvc_error *err)
{
    double dt = spec->tr_s / spec->microtime, by_rule = (double)(7 * spec->microtime / 16) * dt;
    bool asked = !isnan(spec->frame_time_s);
    *offset_s = asked ? spec->frame_time_s : spec->slice_time_corrected == 1 ? spec->start_time_s : by_rule;
    if (!(*offset_s >= 0 && *offset_s <= spec->tr_s))
        return nvc_fail(err, asked ? NVC_EUSAGE : NVC_EDATA, "%s %g s lies outside of a volume of %g s%s", asked ? "frame time" : "StartTime",
                        *offset_s, spec->tr_s, asked ? "" : "; say --frame-time SECONDS");
    *bin = 0;
    if (spec->hrf && (nvc_hrf_is_continuous(spec->hrf) || nvc_hrf_is_nilearn(spec->hrf)))
        return 0;
    *bin = 1 + (int)lround(*offset_s / dt);
    *bin = *bin > spec->microtime ? spec->microtime : *bin;
    *offset_s = (*bin - 1) * dt;
    return 0;
}

int nvc_dct(double **C, size_t *n_cols, size_t n_rows, double tr_s, double high_pass_s, struct nvc_error *err)
{
    double n = (double)n_rows, order = floor(2 * n * tr_s / high_pass_s + 1);
    *C = NULL;
    *n_cols = 0;
    if (order > n)
        return nvc_fail(err, NVC_EDATA, "a high pass of %g s takes %g columns, more than the %zu volumes of %g s", high_pass_s, order, n_rows, tr_s);
    if (!(order > 1))
        return 0;
    *n_cols = (size_t)order - 1;
    if (!(*C = nvc_array(n_rows * *n_cols, sizeof **C, err)))
        return (int)err->status;
    for (size_t k = 1; k <= *n_cols; k++)
        for (size_t i = 0; i < n_rows; i++)
            (*C)[i + n_rows * (k - 1)] = sqrt(2 / n) * cos(acos(-1) * (2 * (double)i + 1) * (double)k / (2 * n));
    return 0;
}

static int add_confounds(struct nvc_design_builder *b, struct nvc_error *err)
{
    const struct nvc_confounds *c = b->spec->confounds;
    int status = 0;
    if (c && c->n_rows != b->d->n_rows)
        return nvc_fail(err, NVC_EDATA, "confounds have %zu rows for %zu volumes", c->n_rows, b->d->n_rows);
    for (size_t j = 0; !status && c && j < c->n_cols; j++)
        status = nvc_builder_add(b, &(struct nvc_regressor){ .name = c->names[j], .role = NVC_ROLE_CONFOUND, .event_duration_s = NAN,
                                 .h_ref = NAN }, c->C + c->n_rows * j, NULL, err);
    return status;
}

static int add_drift(struct nvc_design_builder *b, struct nvc_error *err)
{
    double *C = NULL;
    size_t n = 0;
    char name[32];
    int status = isnan(b->spec->high_pass_s) ? 0 : nvc_dct(&C, &n, b->d->n_rows, b->spec->tr_s, b->spec->high_pass_s, err);
    for (size_t k = 0; !status && k < n; k++) {
        (void)snprintf(name, sizeof name, "cosine%02zu", k);
        status = nvc_builder_add(b, &(struct nvc_regressor){ .name = name, .role = NVC_ROLE_DRIFT, .event_duration_s = NAN, .h_ref = NAN },
                                 C + b->d->n_rows * k, NULL, err);
    }
    free(C);
    return status;
}

/* One indicator per volume named by the confounds or by the spec. */
static int add_censor(struct nvc_design_builder *b, struct nvc_error *err)
{
    const struct nvc_design_spec *spec = b->spec;
    const struct nvc_confounds *c = spec->confounds;
    const size_t none[1] = { 0 }, *lists[] = { spec->censor ? spec->censor : none, c ? c->censor : none };
    size_t n[] = { spec->censor ? spec->n_censor : 0, c ? c->n_censor : 0 }, at[2] = { 0, 0 };
    int status = 0;
    while (!status && (at[0] < n[0] || at[1] < n[1])) {
        size_t first = at[0] < n[0] ? lists[0][at[0]] : spec->n_volumes, second = at[1] < n[1] ? lists[1][at[1]] : spec->n_volumes;
        size_t volume = first < second ? first : second;
        char name[32];
        double *x;
        at[0] += first == volume;
        at[1] += second == volume;
        if (volume < spec->n_dummy)
            continue;
        if (volume >= spec->n_volumes)
            return nvc_fail(err, NVC_EDATA, "volume %zu is to be censored, but the last is %zu (counted from 0)", volume, spec->n_volumes - 1);
        (void)snprintf(name, sizeof name, "censor_%03zu", volume);
        status = nvc_builder_add(b, &(struct nvc_regressor){ .name = name, .role = NVC_ROLE_CENSOR, .event_duration_s = NAN, .h_ref = NAN },
                                 NULL, &x, err);
        if (!status)
            x[volume - spec->n_dummy] = 1;
    }
    return status;
}

static int add_constant(struct nvc_design_builder *b, struct nvc_error *err)
{
    double *x;
    int status = nvc_builder_add(b, &(struct nvc_regressor){ .name = (char[]){ "constant" }, .role = NVC_ROLE_CONSTANT,
                                 .event_duration_s = NAN, .h_ref = NAN }, NULL, &x, err);
    for (size_t i = 0; !status && i < b->d->n_rows; i++)
        x[i] = 1;
    return status;
}

static int check_spec(const struct nvc_design_spec *spec, struct nvc_error *err)
{
    if (!(spec->tr_s > 0) || !isfinite(spec->tr_s))
        return nvc_fail(err, NVC_EDATA, "repetition time %g s; want seconds above 0", spec->tr_s);
    if (!spec->n_volumes || spec->n_dummy >= spec->n_volumes)
        return nvc_fail(err, NVC_EDATA, "%zu volumes, of which the first %zu are dropped: none is left", spec->n_volumes, spec->n_dummy);
    if (spec->microtime < 1 || spec->microtime > 1000)
        return nvc_fail(err, NVC_EUSAGE, "%d bins per volume; want 1 to 1000", spec->microtime);
    return 0;
}

int nvc_design_build(struct nvc_design *d, const struct nvc_design_spec *given, struct nvc_error *err)
{
    static const struct nvc_hrf canonical = { .kind = NVC_HRF_SPM, .n_functions = 1 };
    struct nvc_design_spec spec = *given;
    struct nvc_design_builder b = { .d = d, .spec = &spec };
    int bin = 0, status;
    spec.hrf = given->hrf ? given->hrf : &canonical;
    *d = (struct nvc_design){ .tr_s = spec.tr_s, .high_pass_s = spec.high_pass_s, .n_dummy = spec.n_dummy, .microtime = spec.microtime };
    if ((status = check_spec(&spec, err)))
        return status;
    d->n_rows = spec.n_volumes - spec.n_dummy;
    if (nvc_hrf_is_nilearn(spec.hrf))
        d->microtime = NVC_NILEARN_BINS;
    status = nvc_frame_offset(&spec, &d->frame_offset_s, &bin, err);
    if (!status && spec.events && spec.events->n_unnamed)
        status = nvc_builder_remark(&b, err, "%zu events whose trial_type is n/a are left out", spec.events->n_unnamed);
    if (!status && spec.events && spec.events->one_condition)
        status = nvc_builder_remark(&b, err, "the events have no column trial_type: all are one condition, 'event'");
    if (!status && spec.events)
        status = nvc_builder_task(&b, spec.hrf, bin, err);
    if (status || (status = add_confounds(&b, err)) || (status = add_drift(&b, err)) || (status = add_censor(&b, err)))
        goto out;
    if (spec.constant && (status = add_constant(&b, err)))
        goto out;
    if (!d->n_cols || d->n_cols >= d->n_rows)
        status = nvc_fail(err, NVC_EDATA, "the design has %zu columns for %zu volumes; want at least 1 and fewer columns than volumes",
                          d->n_cols, d->n_rows);
out:
    d->remarks = b.remarks.data;
    if (status)
        nvc_design_release(d);
    return status;
}
