#include "model/quality/motion.h"

#include "base/memory.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>

const char *const nvc_motion_names[] = { "trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z", NULL };

void nvc_framewise_displacement(const double *P, size_t n, double *fd_mm)
{
    for (size_t t = 0; t < n; t++) {
        fd_mm[t] = 0;
        for (size_t k = 0; t && k < NVC_MOTION_PARAMETERS; k++)
            fd_mm[t] += (k < 3 ? 1 : 50) * fabs(P[t + n * k] - P[t - 1 + n * k]);
    }
}

void nvc_motion_summarise(struct nvc_motion *m, const double *fd_mm, size_t n, double limit_mm)
{
    double sum = 0, most = -INFINITY;
    size_t good = 0, above = 0;
    for (size_t t = 0; t < n; t++)
        if (isfinite(fd_mm[t])) {
            sum += fd_mm[t];
            most = fmax(most, fd_mm[t]);
            above += fd_mm[t] > limit_mm;
            good++;
        }
    m->fd_mean_mm = good ? sum / (double)good : NAN;
    m->fd_max_mm = good ? most : NAN;
    m->fd_share = good ? (double)above / (double)good : NAN;
}

int nvc_motion_task(struct nvc_motion *out, const double *P, const double *x, size_t n, const double *N, size_t m,
                    struct nvc_error *err)
{
    struct nvc_lsq f;
    out->task_r = NAN;
    out->task_parameter = NULL;
    int status = nvc_lsq_init(&f, N, n, m, err);
    if (status)
        return status;
    double *task = nvc_array(n, sizeof *task, err), *own = task ? nvc_array(n, sizeof *own, err) : NULL;
    double *beta = own ? nvc_array(m, sizeof *beta, err) : NULL;
    if (beta && f.rank == m) {
        double xx = nvc_lsq_solve(&f, x, beta, task);
        for (size_t k = 0; k < NVC_MOTION_PARAMETERS; k++) {
            double pp = nvc_lsq_solve(&f, P + n * k, beta, own), xp = 0;
            for (size_t t = 0; t < n; t++)
                xp += task[t] * own[t];
            double r = xp / sqrt(xx * pp);
            if (isfinite(r) && !(fabs(r) <= fabs(out->task_r))) {
                out->task_r = r;
                out->task_parameter = nvc_motion_names[k];
            }
        }
    }
    status = beta ? 0 : (int)err->status;
    free(task);
    free(own);
    free(beta);
    nvc_lsq_release(&f);
    return status;
}
