/* nvc-hrf at work: with events, at rest, and for images. */
#ifndef NVC_CMD_HRF_JOB_H
#define NVC_CMD_HRF_JOB_H

#include "cmd/shared/task_run.h"
#include "model/coupling/coupling.h"
#include "model/rest/rest_hrf.h"
#include "model/rest/rest_width.h"
#include "model/response/task_shape.h"
#include "plot/canvas.h"

#include "math/lsq.h"

enum hrf_method { HRF_AUTO, HRF_PARAMETRIC, HRF_FIR, HRF_SMOOTH_FIR, HRF_CANONICAL, HRF_SPARSE, HRF_SPECTRAL, HRF_POINT_PROCESS };

struct hrf_options {
    struct task_run_options run;
    const char *output, *curves, *lags, *figure, *maps, *mask, *tr;
    int rest, method, basis, compat, microtime, ar_order, bootstrap, seed, intervals, threads, memory_mib, orientation;
    double bin_s, length_s, threshold_sd, min_lag_s, max_lag_s, low_hz, high_hz;
    struct nvc_shape_print print;
};

struct hrf_job {
    const struct hrf_options *o;
    enum hrf_method method;    /* settled: not HRF_AUTO */
    struct task_run run;
    struct nvc_coupling indices;
    struct nvc_text curves, lags, figure;
    double *y, *time_s;        /* volumes */
    /* task */
    struct nvc_task_shape *task;
    struct nvc_shape_fit *fits;
    struct nvc_shape_band *bands; /* conditions x regions */
    bool *seen;                /* the same: the omnibus F allows a shape */
    enum nvc_picture picture;
    /* rest */
    struct nvc_width_fit *width;
    struct nvc_rest *rest;
    struct nvc_lsq nuisance;
    double *clean;
    bool *keep;                /* volumes that may be events: those not censored */
};

/* Frame times, and the fits for all regions; then one region in percent (j->y), and the figure. */
int hrf_task_prepare(struct hrf_job *j, struct nvc_error *err) NVC_CHECKED;
int hrf_task_region(struct hrf_job *j, size_t region, struct nvc_error *err) NVC_CHECKED;
int hrf_task_figure(struct hrf_job *j, struct nvc_error *err) NVC_CHECKED;

int hrf_rest_prepare(struct hrf_job *j, struct nvc_error *err) NVC_CHECKED;
int hrf_rest_region(struct hrf_job *j, size_t region, struct nvc_error *err) NVC_CHECKED;

/* The whole of --maps: read the image, write PREFIX_contrast-face_stat-ttp_statmap.nii.gz and its fellows. */
int hrf_maps(struct hrf_job *j, const char *image_path, const struct nvc_hrf *informed, struct nvc_error *err) NVC_CHECKED;

#endif
