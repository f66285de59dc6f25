/* What is asked of a design: which effects and F tests, and which of them mean a percent signal change.
 *
 * Every task condition is a contrast of weight 1 on its canonical column (with FIR or other bases, on each of
 * its columns); derivatives, modulators, confounds, drift and the constant join when all regressors are
 * wanted.  In a design whose roles are unknown every column but drift and constant is a regressor row.
 *
 * Percent signal change of a t contrast is (100/s0) sum_i w_i beta_i h_i, h_i the height of the regressor of
 * one declared isolated event: a contrast itself, with weights w_i h_i.  It is given where the contrast is a
 * mean or a difference of means (nvc_contrast_is_mean) and every weighted column has a height. */
#ifndef NVC_MODEL_PLAN_H
#define NVC_MODEL_PLAN_H

#include "base/status.h"
#include "base/text.h"
#include "model/glm/arma.h"
#include "model/design/contrast.h"
#include "model/design/design.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_glm_type { NVC_GLM_CONDITION, NVC_GLM_T, NVC_GLM_F, NVC_GLM_REGRESSOR };

struct nvc_plan_item {
    struct nvc_contrast contrast;
    enum nvc_glm_type type;
    char *weights;            /* in the grammar of contrasts */
    size_t effect;            /* t: index into the effects; F: of its first row */
    size_t test;              /* F: index into the tests */
    long psc_effect;          /* index into the effects, or -1 */
    const char *psc_note;     /* why not: "psc_not_a_mean", "psc_no_height"; "" otherwise */
    double event_duration_s;  /* of all weighted columns; NaN when they differ or it is unknown */
};

struct nvc_plan {
    struct nvc_plan_item *items;
    size_t n_items;
    size_t m;
    double condition;         /* number of the design, its columns scaled to unit length */
    const char **names;       /* m column names, borrowed from the design */
    double *C;                /* m x n_effects */
    size_t n_effects;
    enum nvc_want *want;      /* n_effects */
    struct nvc_arma_test *tests;
    size_t n_tests;
    long task_test;           /* index of the F test of all task columns together, for R2; -1: none */
    bool *drift, *task;       /* m: columns of these roles */
    bool psc;                 /* was wished for */
};

/* Refuses (NVC_EDATA) a design of deficient rank or a condition number above 1e6, naming the columns, a
 * contrast that names no column or cannot be estimated, two contrasts of one name, and nothing to report;
 * NVC_EUSAGE: grammar.  The design must outlive the plan. */
struct nvc_plan_wish {
    const struct nvc_list *contrasts; /* texts */
    bool regressors;                  /* every column */
    bool psc;                         /* percent signal change */
    bool r2;                          /* the F test of all task columns */
};
int nvc_plan_init(struct nvc_plan *p, const struct nvc_design *d, const struct nvc_plan_wish *wish,
                  struct nvc_error *err) NVC_CHECKED;
void nvc_plan_release(struct nvc_plan *p);

/* "face=0.21": the height of a column in a design that does not know it.  NVC_EUSAGE: grammar (d NULL: only
 * this is judged); NVC_EDATA: no such column. */
int nvc_design_set_height(struct nvc_design *d, const char *text, struct nvc_error *err) NVC_CHECKED;

#endif
