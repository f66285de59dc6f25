#include "table/motion.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* Displacements alone say how much the head moved; without either there is nothing to take. */
static int fill(double *P, double *fd, const struct nvc_table *t, size_t skip, size_t n, struct nvc_error *err)
{
    long fd_column = nvc_table_column(t, "framewise_displacement");
    bool only_fd = fd_column >= 0 && nvc_table_column(t, nvc_motion_names[0]) < 0;
    for (size_t i = 0; only_fd && i < n * NVC_MOTION_PARAMETERS; i++)
        P[i] = NAN;
    for (size_t k = 0; !only_fd && k < NVC_MOTION_PARAMETERS; k++) {
        size_t column;
        int status = nvc_table_need(t, nvc_motion_names[k], &column, err);
        for (size_t i = 0; !status && i < n; i++)
            if (!(status = nvc_table_real(t, skip + i, column, &P[i + n * k], err)) && isnan(P[i + n * k]))
                status = nvc_fail(err, NVC_EDATA, "%s: line %zu: %s is n/a", t->path, nvc_table_line(t, skip + i), nvc_motion_names[k]);
        if (status)
            return status;
    }
    if (!only_fd)
        nvc_framewise_displacement(P, n, fd);
    for (size_t i = 0; fd_column >= 0 && i < n; i++) {
        int status = nvc_table_real(t, skip + i, (size_t)fd_column, &fd[i], err);
        if (status)
            return status;
    }
    return 0;
}

int nvc_motion_take(double **P, double **fd, const struct nvc_table *t, size_t skip, size_t n, struct nvc_error *err)
{
    *P = *fd = NULL;
    if (t->n_rows != skip + n)
        return nvc_fail(err, NVC_EDATA, "%s: %zu rows for a run of %zu volumes", t->path, t->n_rows, skip + n);
    *P = nvc_array(n * NVC_MOTION_PARAMETERS, sizeof **P, err);
    *fd = *P ? nvc_array(n, sizeof **fd, err) : NULL;
    int status = *fd ? fill(*P, *fd, t, skip, n, err) : (int)err->status;
    if (status) {
        free(*P);
        free(*fd);
        *P = *fd = NULL;
    }
    return status;
}
