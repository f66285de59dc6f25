#include "table/times.h"

#include <math.h>

static const double slack_s = 1e-3;

int nvc_table_times(const struct nvc_table *t, size_t column, double *time_s, double *tr_s, struct nvc_error *err)
{
    const size_t n = t->n_rows;
    const int status = nvc_table_reals(t, column, time_s, err);
    if (status)
        return status;
    for (size_t i = 0; i < n; i++)
        if (isnan(time_s[i]))
            return nvc_fail(err, NVC_EDATA, "line %zu: column 'time' is n/a; want the second at which the volume starts", nvc_table_line(t, i));
    if (n < 2 && isnan(*tr_s))
        return nvc_fail(err, NVC_EDATA, "no repetition time: one volume and no facts; make the table with nvc-extract");
    const double step = n > 1 ? (time_s[n - 1] - time_s[0]) / (double)(n - 1) : *tr_s;
    for (size_t i = 0; i < n; i++)
        if (!(fabs(time_s[i] - time_s[0] - (double)i * step) <= slack_s))
            return nvc_fail(err, NVC_EDATA, "line %zu: column 'time' is %g, where rows %g s apart would have %g; volumes come one every repetition "
                            "time: drop none", nvc_table_line(t, i), time_s[i], step, time_s[0] + (double)i * step);
    if (!(step > 0))
        return nvc_fail(err, NVC_EDATA, "column 'time' advances by %g s from volume to volume; want seconds above 0", step);
    if (fabs(step - *tr_s) > slack_s)
        return nvc_fail(err, NVC_EDATA, "column 'time' advances by %g s but the facts say tr_s %g", step, *tr_s);
    if (isnan(*tr_s))
        *tr_s = round(step * 1e6) / 1e6;
    return 0;
}
