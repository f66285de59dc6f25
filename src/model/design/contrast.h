/* Contrasts of regressors, written as a person writes them.
 *
 *     [NAME =] EXPR            t:  face - house       people = 0.5*face + 0.5*body - scramble
 *                                  face - (house + scene)/2
 *     [NAME =] [EXPR; EXPR]    F:  any = [face; house; body]      informed = ["face*"]
 *
 * EXPR is made of numbers, names, + - * / and parentheses, and must be linear in the names.  A name is
 * written plainly when it holds only A-Z a-z 0-9 _ . and is no number, else in double quotes ("2-back").  A
 * plain name is read as long as it goes.  Rows of an F contrast stand in brackets, parted by ; or , and a
 * row that is one quoted name with * ? or [ ] stands for every column it matches.  NAME is free text; it
 * defaults to the expression without blanks. */
#ifndef NVC_MODEL_CONTRAST_H
#define NVC_MODEL_CONTRAST_H

#include "base/status.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_contrast {
    char *name;
    bool is_f;
    size_t n_rows;      /* 1 for t */
    size_t n_cols;      /* columns of the design */
    double *C;          /* n_cols x n_rows: weight of column j in row r is C[j + n_cols * r] */
};
void nvc_contrast_release(struct nvc_contrast *c);

/* The grammar alone, before any file is read: 0 or NVC_EUSAGE with the place. */
int nvc_contrast_check(const char *text, struct nvc_error *err) NVC_CHECKED;

/* Read `text` against the columns of a design.  NVC_EUSAGE: grammar; NVC_EDATA: a name that is no column
 * (with a near miss), weights that cancel altogether, rows of an F contrast that depend on each other. */
int nvc_contrast_parse(struct nvc_contrast *c, const char *text, const char *const *names, size_t n_cols,
                       struct nvc_error *err) NVC_CHECKED;

/* The t contrast of weight 1 on one column. */
int nvc_contrast_single(struct nvc_contrast *c, const char *name, size_t column, size_t n_cols,
                        struct nvc_error *err) NVC_CHECKED;

/* The weights in the grammar above, shortest numbers, in the order of the columns: "face - 0.5*house". */
int nvc_contrast_weights(struct nvc_text *out, const struct nvc_contrast *c, const char *const *names,
                         struct nvc_error *err) NVC_CHECKED;

/* Percent signal change of a contrast means something when it is one mean of conditions, or one minus
 * another: positive weights sum to 1 and negative ones to -1 or are absent (within 1e-9). */
bool nvc_contrast_is_mean(const struct nvc_contrast *c);

#endif
