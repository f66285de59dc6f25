/* The design matrix: events through an HRF, confounds, drift, censoring, constant.
 * SPM's microtime conventions to the letter (METHODS 8.1-8.5); order and names of columns: TABLES.md. */
#ifndef NVC_MODEL_DESIGN_H
#define NVC_MODEL_DESIGN_H

#include "base/status.h"

#include <stddef.h>

enum nvc_role { NVC_ROLE_UNKNOWN, NVC_ROLE_TASK, NVC_ROLE_CONFOUND, NVC_ROLE_DRIFT, NVC_ROLE_CENSOR, NVC_ROLE_CONSTANT };

struct nvc_regressor {
    char *name;
    enum nvc_role role;
    char *condition;          /* task: the trial_type; NULL otherwise */
    char *basis;              /* task: "hrf", "derivative", "dispersion", "delay_3"; NULL otherwise */
    char *modulator;          /* task: name of the parametric modulator or NULL */
    double event_duration_s;  /* declared isolated event (median of the condition unless asked); NaN: none */
    double h_ref;             /* its height: maximum over the microtime grid; NaN: none */
    size_t n_events;
};

struct nvc_design {
    size_t n_rows, n_cols;
    double *X;                /* column-major n_rows x n_cols */
    struct nvc_regressor *columns;
    double tr_s, frame_offset_s, high_pass_s; /* high_pass_s NaN: none */
    int microtime;
};
void nvc_design_release(struct nvc_design *d);

#endif
