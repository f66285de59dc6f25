/* The design matrix: events through an HRF, confounds, drift, censoring, constant.
 * SPM's microtime conventions to the letter; order and names of columns: nvc-tables(5). */
#ifndef NVC_MODEL_DESIGN_H
#define NVC_MODEL_DESIGN_H

#include "base/status.h"
#include "base/text.h"
#include "model/design/confounds.h"
#include "model/design/events.h"
#include "model/design/hrf.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_role { NVC_ROLE_UNKNOWN, NVC_ROLE_TASK, NVC_ROLE_CONFOUND, NVC_ROLE_DRIFT, NVC_ROLE_CENSOR, NVC_ROLE_CONSTANT };
/* "unknown", "task", "confound", "drift", "censor", "constant"; and back (NVC_ROLE_UNKNOWN for any other). */
const char *nvc_role_name(enum nvc_role role);
enum nvc_role nvc_role_of(const char *name);

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
    int microtime;            /* bins per TR; 0: unknown */
    size_t n_dummy;           /* volumes dropped before the first row: row i is stored volume n_dummy + i */
    char *remarks;            /* worth a warning, '\n' between them; NULL: none */
};
void nvc_design_release(struct nvc_design *d);

/* Serial orthogonalisation within a condition: modulators over its events (which centres them), then its columns over
 * modulators and basis, as SPM does by default.  NVC_ORTH_AUTO leaves the columns of FIR, TENT and AFNI's models as
 * they are: orthogonalised boxes would no longer estimate the response at their delay. */
enum nvc_orthogonal { NVC_ORTH_AUTO, NVC_ORTH_SPM, NVC_ORTH_NONE };

/* What to build.  Everything is borrowed; start from nvc_design_defaults. */
struct nvc_design_spec {
    size_t n_volumes;         /* stored volumes, dummy scans included */
    double tr_s;
    size_t n_dummy;           /* --dummy-scans: rows, and n_dummy * tr_s of every onset, dropped */
    int slice_time_corrected; /* 1, 0, or -1: unknown (as in struct nvc_series) */
    double start_time_s;
    double frame_time_s;      /* --frame-time: overrides the rule of nvc-tables(5); NaN: by the rule */
    int microtime;            /* 16 */
    double high_pass_s;       /* DCT cut-off period, 128; NaN: none */
    bool constant;            /* true */
    const struct nvc_hrf *hrf;            /* NULL: SPM's canonical */
    const struct nvc_events *events;      /* NULL: no task columns */
    const int *modulator_orders;          /* highest power of each events->modulators; NULL: 1 each */
    enum nvc_orthogonal orthogonal;
    const struct nvc_duration *durations; /* declared events, n_durations */
    size_t n_durations;
    const struct nvc_confounds *confounds; /* NULL: none; rows are the retained volumes */
    const size_t *censor;                  /* stored volumes to censor, ascending, unique; n_censor */
    size_t n_censor;
};
void nvc_design_defaults(struct nvc_design_spec *spec);

/* Seconds after the start of a volume at which the regressors are sampled, and with which bin (1-based;
 * 0 when the HRF is continuous): nvc-tables(5), frame time of volume n. */
int nvc_frame_offset(const struct nvc_design_spec *spec, double *offset_s, int *bin, struct nvc_error *err) NVC_CHECKED;

/* Build.  NVC_EDATA: rows do not match, no event of any condition inside the run, a modulator that is n/a
 * for part of a condition or constant, two columns of one name, fewer rows than columns; NVC_EUSAGE: a
 * declared duration of an unknown condition; NVC_ESYS.  Rank is not judged here: nvc_design_check. */
int nvc_design_build(struct nvc_design *d, const struct nvc_design_spec *spec, struct nvc_error *err) NVC_CHECKED;

/* How well the columns can be told apart. */
struct nvc_design_report {
    size_t rank;
    double condition;   /* of the columns scaled to unit length */
    double *vif;        /* n_cols: 1/(1 - R2) of a column on the others, constant included; NaN: constant */
    double *efficiency; /* n_cols: 1/[(X'X)^-1]_jj for task columns; NaN otherwise */
};
/* NVC_EDATA when the rank is deficient, naming the columns involved. */
int nvc_design_check(struct nvc_design_report *r, const struct nvc_design *d, struct nvc_error *err) NVC_CHECKED;
void nvc_design_report_release(struct nvc_design_report *r);

/* DCT-II high pass of SPM: columns 1..*n_cols (without the constant) of n_rows samples, orthonormal;
 * NULL *C and 0 when the cut-off leaves none.  Free with free(). */
int nvc_dct(double **C, size_t *n_cols, size_t n_rows, double tr_s, double high_pass_s, struct nvc_error *err) NVC_CHECKED;

/* Which rows a censor column takes out, censored[n_rows] (may be NULL); returns how many. */
size_t nvc_design_censored(const struct nvc_design *d, bool *censored);

/* Index of a column by name, or -1. */
long nvc_design_column(const struct nvc_design *d, const char *name);

#endif
