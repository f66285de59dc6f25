/* The flow of numbers: who was assessed, who was left out and why, who was analysed. */
#ifndef NVC_MODEL_FLOW_H
#define NVC_MODEL_FLOW_H

#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/group.h"

#include <stddef.h>

struct nvc_flow_step {
    const char *step;                  /* "assessed", "excluded", "no_value", "analysed" */
    const char *reason;                /* the rule as written, "no_group", "no_row", or "" */
    size_t n_case, n_control, n_other; /* other: in neither group */
    char *ids;                         /* who was left out, joined by blanks; NULL: nobody or not listed */
};

struct nvc_flow { /* zero it before use */
    struct nvc_flow_step *steps;
    size_t n, cap;
};
void nvc_flow_release(struct nvc_flow *f);
/* assessed; then each rule in its order with those it hits first (a rule about rows: those who lose every
 * row by it and the rules before); those in neither group; those left without any value; analysed: with a
 * value of at least one index.  Texts of rules are borrowed. */
int nvc_flow_compute(struct nvc_flow *f, const struct nvc_cohort *c, const struct nvc_coupling *rows,
                     const struct nvc_contrast_groups *g, const struct nvc_cohort_options *o,
                     struct nvc_error *err) NVC_CHECKED;

#endif
