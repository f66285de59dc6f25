/* Linear models in a small grammar:
 *
 *     index ~ group + age + sex + group:age        index ~ diagnosis*site + "reaction time"
 *
 * Left stands `index` (every key in turn), right terms joined by +; a:b is an interaction, a*b is a + b + a:b.
 * Names are columns of the participants, or coverage, tsnr and mean_fd; in double quotes when they hold other
 * characters than A-Z a-z 0-9 _ . -.  The constant is always there. */
#ifndef NVC_MODEL_FORMULA_H
#define NVC_MODEL_FORMULA_H

#include "base/status.h"
#include "base/text.h"
#include "model/group/cohort.h"
#include "model/group/group.h"

struct nvc_formula_term {
    char names[NVC_TERM_ORDER][96];
    size_t order;
};
struct nvc_formula { /* zero it before use */
    struct nvc_formula_term *terms;
    size_t n, cap;
};
/* NVC_EUSAGE with the place: grammar, a term twice, more than four names in one. */
int nvc_formula_parse(struct nvc_formula *f, const char *text, struct nvc_error *err) NVC_CHECKED;
void nvc_formula_release(struct nvc_formula *f);

struct nvc_model_row {
    struct nvc_key key;
    const char *kind; /* "term" (type II F), "coefficient", "mean" (estimated marginal), "contrast" */
    const char *name; /* the term, the column, FACTOR=LEVEL, the contrast */
    size_t n;
    double estimate, se, ci_low, ci_high, hc3_se, hc3_p, stat, dof1, dof2, p, partial_eta2;
    double q; /* of terms and contrasts: Benjamini-Hochberg over the keys of the family, per name */
};

struct nvc_model_table { /* zero it before use */
    struct nvc_pool text;
    struct nvc_model_row *rows;
    size_t n, cap;
};
/* One model per key that is no quality.  Planned contrasts "FACTOR: EXPRESSION" compare the levels of a factor
 * ("diagnosis: mdd - control").  The type II test of a term adjusts for all terms but those that contain it.
 * NVC_EDATA: a name that is no variable, a model that fails in everybody, a level that is not there. */
int nvc_model_compute(struct nvc_model_table *t, const struct nvc_cohort *c, const struct nvc_formula *f,
                      const struct nvc_list *contrasts, const struct nvc_group_options *o,
                      struct nvc_error *err) NVC_CHECKED;
void nvc_model_release(struct nvc_model_table *t);

#endif
