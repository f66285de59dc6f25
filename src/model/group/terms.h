/* Linear models in the words of a participants table: terms made of variables, and their columns. */
#ifndef NVC_MODEL_TERMS_H
#define NVC_MODEL_TERMS_H

#include "base/status.h"
#include "model/group/cohort.h"

#include <stdbool.h>
#include <stddef.h>

enum { NVC_TERM_ORDER = 4 };

struct nvc_term { /* a product of up to four variables */
    const struct nvc_variable *of[NVC_TERM_ORDER];
    size_t order;
};

struct nvc_terms { /* the constant is always there */
    struct nvc_term *terms;
    size_t n, cap;
};
void nvc_terms_release(struct nvc_terms *t);
int nvc_terms_add(struct nvc_terms *t, const struct nvc_variable *const *of, size_t order,
                  struct nvc_error *err) NVC_CHECKED;

struct nvc_matrix { /* zero it before use */
    size_t n, m;
    double *X;     /* n x m, column-major; column 0 is the constant */
    size_t *row;   /* n: which participant */
    char **names;  /* m: "constant", "age", "sexM", "group:age" */
    size_t *first; /* n_terms + 1: term k has the columns first[k] .. first[k + 1] - 1 */
    size_t n_terms;
    double *marginal; /* m: numbers at their mean over the rows, levels weighted equally */
};
/* The columns of the terms over the participants with use[i] true and no variable missing; use may be NULL.
 * Numbers as they are; factors coded by treatment, the reference being the first of the levels present.
 * NVC_EDATA: a number without variation or a factor of one level (named), no rows; NVC_ESYS. */
int nvc_matrix_init(struct nvc_matrix *M, const struct nvc_terms *t, const bool *use, size_t n,
                    struct nvc_error *err) NVC_CHECKED;
void nvc_matrix_release(struct nvc_matrix *M);

#endif
