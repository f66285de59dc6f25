/* The shape of the response of one region, or of every voxel, to each condition of a run, in percent of its mean signal. */
#ifndef NVC_MODEL_TASK_SHAPE_H
#define NVC_MODEL_TASK_SHAPE_H

#include "base/status.h"
#include "model/design/design.h"
#include "model/design/events.h"
#include "model/response/linear_shape.h"
#include "model/response/shape.h"

#include <stddef.h>

enum nvc_task_method { NVC_TASK_PARAMETRIC, NVC_TASK_FIR, NVC_TASK_SMOOTH, NVC_TASK_INFORMED };

struct nvc_task_shape_spec { /* everything but the data; borrowed */
    const struct nvc_events *events;
    const double *durations_s;       /* per condition: the declared event */
    const struct nvc_design *design; /* canonical response with both derivatives for every condition, confounds, drift, constant */
    const double *time_s;            /* frame times of its rows */
    enum nvc_task_method method;
    double bin_s, length_s;          /* FIR, smooth */
    struct nvc_shape_bootstrap bootstrap; /* its stream is set here */
};

struct nvc_task_shape; /* what all regions share; read-only while fitting */
/* NVC_EDATA: a rank-deficient design. */
int nvc_task_shape_new(struct nvc_task_shape **t, const struct nvc_task_shape_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_task_shape_free(struct nvc_task_shape *t);

/* y: n_rows of the design.  fits, bands: one per condition of the events; stream: a number per region, for the bootstrap.  *ar: AR(1)
 * of the noise, from the residuals of the whole design freed of what the regression does to them.  For each condition the columns
 * of all others stay in the model.  NVC_EDATA with the condition's name; NVC_ESYS. */
int nvc_task_shape_fit(const struct nvc_task_shape *t, const double *y, uint64_t stream, struct nvc_shape_fit *fits,
                       struct nvc_shape_band *bands, double *ar, struct nvc_error *err) NVC_CHECKED;

/* How the response to a condition changes with each modulator of the events: slope of the height per unit of the modulator, at the
 * shape that was fitted (fits of nvc_task_shape_fit, parametric), modulators centred over the events of the condition and side by
 * side in one model.  slopes: one per modulator; NaN where a modulator does not vary.  Its error does not hold that of the shape,
 * which costs 2 % of coverage. */
struct nvc_slope { double value, se, dof; struct nvc_interval ci; };
int nvc_task_shape_slopes(const struct nvc_task_shape *t, size_t condition, const double *y, double ar, const struct nvc_shape_fit *fit,
                          struct nvc_slope *slopes, struct nvc_error *err) NVC_CHECKED;

/* Maps of the parametric fit.  Y: n_rows x n_voxels, any unit; a voxel that is constant, not finite or of no positive mean is NaN.
 * maps: n_voxels x NVC_SHAPE_MAPS x conditions: height (%), ttp (s), fwhm (s), z; times only where they may be printed and lie
 * inside the grid.  The AR(1)
 * of a voxel is taken to the nearest 0.02, so that voxels share their designs: 0.1 ms each.  The result does not depend on
 * threads. */
enum { NVC_SHAPE_MAP_HEIGHT, NVC_SHAPE_MAP_TTP, NVC_SHAPE_MAP_FWHM, NVC_SHAPE_MAP_Z, NVC_SHAPE_MAPS };
extern const char *const nvc_shape_map_names[NVC_SHAPE_MAPS];
int nvc_task_shape_maps(const struct nvc_task_shape *t, const float *Y, size_t n_voxels, int n_threads,
                        const struct nvc_shape_print *print, float *maps, struct nvc_error *err) NVC_CHECKED;

#endif
