#include "model/simulate/simulate.h"

#include "base/memory.h"
#include "model/design/design.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 96 };

/* Room for one more column of that name; NULL with err set. */
static double *add_column(struct nvc_sim_confounds *c, struct nvc_error *err, const char *stem, const char *tail)
{
    if (c->n_cols == MAX_COLUMNS) {
        nvc_fail(err, NVC_EDATA, "more than %d simulated confounds", MAX_COLUMNS);
        return NULL;
    }
    c->names[c->n_cols] = nvc_sprintf(err, "%s%s", stem, tail);
    return c->names[c->n_cols] ? c->values + c->n_rows * c->n_cols++ : NULL;
}

static int copy_column(struct nvc_sim_confounds *c, const char *name, const double *values, struct nvc_error *err)
{
    double *x = add_column(c, err, name, "");
    if (x)
        memcpy(x, values, c->n_rows * sizeof *x);
    return x ? 0 : (int)err->status;
}

/* A parameter with its derivative and their squares. */
static int add_motion(struct nvc_sim_confounds *c, const char *name, const double *p, struct nvc_error *err)
{
    double *x[4];
    static const char *const tails[4] = { "", "_derivative1", "_power2", "_derivative1_power2" };
    for (int k = 0; k < 4; k++)
        if (!(x[k] = add_column(c, err, name, tails[k])))
            return (int)err->status;
    for (size_t t = 0; t < c->n_rows; t++) {
        double d = t ? p[t] - p[t - 1] : NAN;
        x[0][t] = p[t];
        x[1][t] = d;
        x[2][t] = p[t] * p[t];
        x[3][t] = d * d;
    }
    return 0;
}

/* Signals of tissue: physiological noise in other proportions. */
static int add_tissue(struct nvc_sim_confounds *c, const struct nvc_sim_run *run, const char *name, double level,
                      const double share[6], struct nvc_error *err)
{
    double *x = add_column(c, err, name, "");
    for (size_t t = 0; x && t < c->n_rows; t++) {
        double percent = 0;
        for (size_t k = 0; k < 6; k++)
            percent += share[k] * run->course[t + c->n_rows * (NVC_SIM_PHYSIO + k)];
        x[t] = level * (1 + percent / 100);
    }
    return x ? 0 : (int)err->status;
}

static int add_numbered(struct nvc_sim_confounds *c, const char *stem, const double *X, size_t n_cols, struct nvc_error *err)
{
    for (size_t k = 0; k < n_cols; k++) {
        char number[24];
        snprintf(number, sizeof number, "%02zu", k);
        double *x = add_column(c, err, stem, number);
        if (!x)
            return (int)err->status;
        memcpy(x, X + c->n_rows * k, c->n_rows * sizeof *x);
    }
    return 0;
}

static int fill(struct nvc_sim_confounds *c, const struct nvc_sim_spec *spec, const struct nvc_sim_run *run,
                const double *dvars, const double *global_signal, struct nvc_error *err)
{
    static const char *const motion[6] = { "trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z" };
    static const double csf[6] = { 0.5, 0.2, 0.1, 0.1, 0, 0.1 }, white[6] = { 0.1, 0.1, 0.2, 0.1, 0.1, 0 };
    size_t n = run->n_volumes;
    int status = 0;
    for (size_t k = 0; !status && k < 6; k++)
        status = add_motion(c, motion[k], run->course + n * (NVC_SIM_MOTION + k), err);
    if (!status)
        status = copy_column(c, "framewise_displacement", run->framewise_displacement, err);
    if (!status && dvars)
        status = copy_column(c, "dvars", dvars, err);
    if (!status && global_signal)
        status = copy_column(c, "global_signal", global_signal, err);
    if (!status)
        status = add_tissue(c, run, "csf", 13000, csf, err);
    if (!status)
        status = add_tissue(c, run, "white_matter", 9000, white, err);
    if (status)
        return status;
    double *cosines;
    size_t n_cosines;
    status = nvc_dct(&cosines, &n_cosines, n, spec->tr_s, 128, err);
    if (!status)
        status = add_numbered(c, "cosine", cosines, n_cosines, err);
    free(cosines);
    return status ? status : add_numbered(c, "a_comp_cor_", run->compcor, 6, err);
}

int nvc_sim_confounds_init(struct nvc_sim_confounds *c, const struct nvc_sim_spec *spec, const struct nvc_sim_run *run,
                           const double *dvars, const double *global_signal, struct nvc_error *err)
{
    *c = (struct nvc_sim_confounds) { .n_rows = run->n_volumes };
    c->names = nvc_array(MAX_COLUMNS, sizeof *c->names, err);
    c->values = c->names ? nvc_array(MAX_COLUMNS * c->n_rows, sizeof *c->values, err) : NULL;
    return c->values ? fill(c, spec, run, dvars, global_signal, err) : (int)err->status;
}

void nvc_sim_confounds_release(struct nvc_sim_confounds *c)
{
    for (size_t k = 0; k < c->n_cols; k++)
        free(c->names[k]);
    free(c->names);
    free(c->values);
    *c = (struct nvc_sim_confounds) { 0 };
}
