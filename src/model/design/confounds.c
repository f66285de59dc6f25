#include "model/design/confounds.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void nvc_confounds_release(struct nvc_confounds *c)
{
    for (size_t j = 0; j < c->n_cols; j++)
        free(c->names[j]);
    free(c->names);
    free(c->C);
    free(c->censor);
    *c = (struct nvc_confounds){ 0 };
}

/* What has no value at the first volume because it compares with the one before. */
static bool is_difference(const char *name)
{
    static const char *const whole[] = { "framewise_displacement", "rmsd", "dvars", "std_dvars" };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (!strcmp(name, whole[i]))
            return true;
    return strstr(name, "_derivative1") != NULL;
}

/* Indicator of one volume: all 0 but a single 1.  False for anything else. */
static bool single_one(const double *x, size_t n, size_t *at)
{
    size_t ones = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[i] == 1)
            *at = i, ones++;
        else if (x[i] != 0)
            return false;
    }
    return ones == 1;
}

static int fill_first(double *x, const char *name, size_t n_rows, size_t n_dummy, struct nvc_error *err)
{
    if (isnan(x[0]) && is_difference(name))
        x[0] = 0;
    for (size_t i = n_dummy; i < n_rows; i++)
        if (!isfinite(x[i]))
            return nvc_fail(err, NVC_EDATA, "confound '%s' is n/a at volume %zu (counted from 0); only the first volume of a "
                            "derivative may be", name, i);
    return 0;
}

static int centre(double *x, size_t n, const char *name, struct nvc_error *err)
{
    double sum = 0, low = x[0], high = x[0], rest = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    if (high - low <= 1e-12 * fmax(fabs(low), fabs(high)))
        return nvc_fail(err, NVC_EDATA, "confound '%s' is constant (%g); leave it out", name, high);
    for (size_t i = 0; i < n; i++)
        rest += x[i] -= sum / (double)n;
    for (size_t i = 0; i < n; i++)
        x[i] -= rest / (double)n; /* what rounding of the first mean left */
    return 0;
}

/* A selected column becomes a censored volume or the next column of C. */
static int take_column(struct nvc_confounds *c, bool *censored, const char *name, const double *values, size_t n_stored,
                       struct nvc_error *err)
{
    bool indicator = nvc_has_prefix(name, "non_steady_state_outlier") || nvc_has_prefix(name, "motion_outlier");
    size_t at, n_dummy = n_stored - c->n_rows;
    double *x = nvc_array(n_stored, sizeof *x, err);
    if (!x)
        return (int)err->status;
    memcpy(x, values, n_stored * sizeof *x);
    int status = fill_first(x, name, n_stored, n_dummy, err);
    if (!status && indicator && single_one(x, n_stored, &at)) {
        censored[at] = true;
    } else if (!status) {
        double *out = c->C + c->n_rows * c->n_cols;
        memcpy(out, x + n_dummy, c->n_rows * sizeof *out);
        status = centre(out, c->n_rows, name, err);
        if (!status && !(c->names[c->n_cols] = nvc_strdup(name, err)))
            status = (int)err->status;
        c->n_cols += !status;
    }
    free(x);
    return status;
}

static int scrub(bool *censored, const double *fd, double limit_mm, size_t n, size_t n_dummy, struct nvc_error *err)
{
    for (size_t i = n_dummy; i < n; i++) {
        if (isnan(fd[i]) && i > 0)
            return nvc_fail(err, NVC_EDATA, "framewise_displacement is n/a at volume %zu (counted from 0); scrubbing needs it", i);
        censored[i] |= fd[i] > limit_mm;
    }
    return 0;
}

int nvc_confounds_init(struct nvc_confounds *c, const struct nvc_selection *s, const char *const *names,
                       const double *values, const double *fd, size_t n_stored, size_t n_dummy, struct nvc_error *err)
{
    *c = (struct nvc_confounds){ 0 };
    if (n_dummy >= n_stored)
        return nvc_fail(err, NVC_EDATA, "%zu volumes, of which the first %zu are dropped: none is left", n_stored, n_dummy);
    c->n_rows = n_stored - n_dummy;
    bool *censored = nvc_array(n_stored, sizeof *censored, err);
    int status = 0;
    if (!censored || !(c->C = nvc_array(c->n_rows * s->n, sizeof *c->C, err)) ||
        !(c->names = nvc_array(s->n, sizeof *c->names, err)) || !(c->censor = nvc_array(n_stored, sizeof *c->censor, err)))
        status = (int)err->status;
    for (size_t j = 0; !status && j < s->n; j++)
        status = take_column(c, censored, names[s->column[j]], values + n_stored * j, n_stored, err);
    if (!status && fd)
        status = scrub(censored, fd, s->scrub_mm, n_stored, n_dummy, err);
    for (size_t i = n_dummy; !status && i < n_stored; i++)
        if (censored[i])
            c->censor[c->n_censor++] = i;
    free(censored);
    if (status)
        nvc_confounds_release(c);
    return status;
}
