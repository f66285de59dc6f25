/* The shape of the response of one region to each condition of a run, in percent of its mean signal. */
#ifndef NVC_MODEL_TASK_SHAPE_H
#define NVC_MODEL_TASK_SHAPE_H

#include "base/status.h"
#include "model/design.h"
#include "model/events.h"
#include "model/shape.h"

#include <stddef.h>

struct nvc_task_shape_run { /* everything but the data; borrowed */
    const struct nvc_events *events;
    const double *durations_s;       /* per condition: the declared event */
    const struct nvc_design *design; /* canonical response with both derivatives for every condition, confounds, drift, constant */
    const double *time_s;            /* frame times of its rows */
    const struct nvc_shape_family *family;
};

/* y: n_rows of the design.  fits: one per condition of the events.  *ar: AR(1) of the noise, from the residuals of the whole
 * design freed of what the regression does to them.  For each condition the columns of all others stay in the model.
 * NVC_EDATA with the condition's name; NVC_ESYS. */
int nvc_task_shape(const struct nvc_task_shape_run *run, const double *y, struct nvc_shape_fit *fits, double *ar,
                   struct nvc_error *err) NVC_CHECKED;

#endif
