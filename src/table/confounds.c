/* Confounds and response kernels from tables (table/events.h). */
#include "base/memory.h"
#include "table/events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int nvc_confounds_parse(struct nvc_confounds *c, const struct nvc_table *t, const struct nvc_list *requests,
                        size_t n_volumes, size_t n_dummy, struct nvc_error *err)
{
    struct nvc_selection s;
    double *values = NULL, *fd = NULL;
    *c = (struct nvc_confounds){ 0 };
    if (t->n_rows != n_volumes)
        return nvc_fail(err, NVC_EDATA, "%s: %zu rows for %zu volumes; want one row per volume", t->path, t->n_rows, n_volumes);
    int status = nvc_selection_init(&s, t->names, t->n_cols, requests, err);
    if (status)
        return nvc_fail_in(err, "%s", t->path);
    if (!(values = nvc_array(n_volumes * s.n, sizeof *values, err)) ||
        (!isnan(s.scrub_mm) && !(fd = nvc_array(n_volumes, sizeof *fd, err))))
        status = (int)err->status;
    for (size_t j = 0; !status && j < s.n; j++)
        status = nvc_table_reals(t, s.column[j], values + n_volumes * j, err);
    if (!status && fd)
        status = nvc_table_reals(t, s.fd_column, fd, err);
    if (!status && (status = nvc_confounds_init(c, &s, t->names, values, fd, n_volumes, n_dummy, err)))
        (void)nvc_fail_in(err, "%s", t->path);
    free(values);
    free(fd);
    nvc_selection_release(&s);
    return status;
}

int nvc_confounds_read(struct nvc_confounds *c, const char *path, const struct nvc_list *requests, size_t n_volumes,
                       size_t n_dummy, struct nvc_error *err)
{
    struct nvc_table t;
    *c = (struct nvc_confounds){ 0 };
    int status = nvc_table_read(&t, path, err);
    if (status)
        return status;
    status = nvc_confounds_parse(c, &t, requests, n_volumes, n_dummy, err);
    nvc_table_release(&t);
    return status;
}

static int check_kernel_time(double *dt, const double *time, size_t n, struct nvc_error *err)
{
    *dt = n > 1 ? time[n - 1] / (double)(n - 1) : NAN;
    if (!(*dt > 0) || time[0] != 0)
        return nvc_fail(err, NVC_EDATA, "a kernel needs at least two samples, of which the first is at time 0");
    for (size_t k = 0; k < n; k++)
        if (!(fabs(time[k] - (double)k * *dt) <= 1e-3 * *dt))
            return nvc_fail(err, NVC_EDATA, "sample %zu of the kernel is at %g s, not at %g s: want even steps", k + 1, time[k],
                            (double)k * *dt);
    return time[n - 1] <= 600 ? 0 : nvc_fail(err, NVC_EDATA, "a kernel of %g s; want at most 600 s", time[n - 1]);
}

static int parse_kernel(struct nvc_hrf *hrf, double **samples, const struct nvc_table *t, struct nvc_error *err)
{
    size_t time, n = t->n_rows, m = 0;
    int status = nvc_table_need(t, "time", &time, err);
    if (!status && (t->n_cols < 2 || t->n_cols > 100))
        status = nvc_fail(err, NVC_EDATA, "want `time` and 1 to 99 columns of samples");
    if (!status && !(*samples = nvc_array(n * t->n_cols, sizeof **samples, err)))
        status = (int)err->status;
    if (!status && !(status = nvc_table_reals(t, time, *samples, err)))
        status = check_kernel_time(&hrf->kernel_dt_s, *samples, n, err);
    for (size_t j = 0; !status && j < t->n_cols; j++)
        if (j != time)
            status = nvc_table_reals(t, j, *samples + n * m++, err);
    for (size_t k = 0; !status && k < n * m; k++)
        if (!isfinite((*samples)[k]))
            status = nvc_fail(err, NVC_EDATA, "sample %zu of the kernel is n/a", k % n + 1);
    hrf->kernel = *samples;
    hrf->n_kernel = n;
    hrf->n_functions = (int)m;
    return status;
}

int nvc_kernel_read(struct nvc_hrf *hrf, double **samples, const char *path, struct nvc_error *err)
{
    struct nvc_table t;
    *hrf = (struct nvc_hrf){ .kind = NVC_HRF_KERNEL, .step_s = NAN, .a = NAN, .b = NAN, .d = NAN };
    *samples = NULL;
    int status = nvc_table_read(&t, path, err);
    if (status)
        return status;
    status = parse_kernel(hrf, samples, &t, err);
    if (status && !strstr(err->text, path))
        (void)nvc_fail_in(err, "%s", path);
    nvc_table_release(&t);
    if (status)
        free(*samples), *samples = NULL;
    return status;
}
