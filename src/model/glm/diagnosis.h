/* How well a model fits a series, volume by volume and as a whole: is what it leaves white, and which volumes does it
 * hang on.  Leverage, Cook's distance and whiteness as in model/glm/glm_detail.h; with arma11 at the pair of most weight. */
#ifndef NVC_MODEL_DIAGNOSIS_H
#define NVC_MODEL_DIAGNOSIS_H

#include "base/status.h"
#include "model/design/design.h"
#include "model/glm/glm.h"
#include "model/region/series.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_diagnosis {
    struct nvc_identity who;
    char atlas[96], region[96], side[8];
    enum nvc_noise noise;
    size_t n, n_columns, n_censored; /* volumes of the model, columns, volumes censored */
    size_t first_volume;             /* stored volume of the first of them: after the dummy scans */
    double ar, ma, sigma, s0;        /* s0: mean of the signal over volumes not censored */
    double dof, condition;           /* of the noise; condition number of the design, columns of unit length */
    /* The rest is NaN, and the arrays NULL, where there is no estimate. */
    double ljung_box, whiteness, whiteness_dof, whiteness_p;
    double mean_leverage, max_leverage, max_cook; /* over volumes not censored */
    size_t leverage_at, cook_at;     /* and where */
    size_t n_influential;            /* Cook's distance above 4/n */
    double *time_s, *signal, *fitted; /* n each, signal units */
    double *task;                    /* n: the part of the fit that is neither confound, drift nor constant */
    double *whitened;                /* n: whitened residual over its sd */
    double *leverage, *cook;         /* n */
    bool *censored;                  /* n */
    size_t n_conditions;
    char **conditions;               /* names; columns of one condition together */
    double *response;                /* n x n_conditions: their parts of `task` */
    double *pool;
};
void nvc_diagnosis_release(struct nvc_diagnosis *d);

/* Series v of a fit of all regions of `series` by `glm`, which was made of `design`. */
struct nvc_diagnosis_of {
    const struct nvc_design *design;
    const struct nvc_series *series;
    const struct nvc_glm *glm;
    const struct nvc_glm_fit *fit;
    enum nvc_noise noise;
    double condition;
};
int nvc_diagnose(struct nvc_diagnosis *d, const struct nvc_diagnosis_of *of, size_t v, struct nvc_error *err) NVC_CHECKED;

/* As many as are wanted; zero it first. */
struct nvc_diagnoses {
    struct nvc_diagnosis *items;
    size_t n, cap;
};
/* Append those of all regions. */
int nvc_diagnoses_add(struct nvc_diagnoses *l, const struct nvc_diagnosis_of *of, struct nvc_error *err) NVC_CHECKED;
void nvc_diagnoses_release(struct nvc_diagnoses *l);

/* Whether a column belongs to the task; where roles are unknown, every column that varies does. */
bool nvc_design_is_task(const struct nvc_design *d, size_t column);

/* Parameters of the noise model that are estimated from a series. */
size_t nvc_noise_parameters(enum nvc_noise noise);

#endif
