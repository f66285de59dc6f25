/* The participants of a study and what is known of them. */
#ifndef NVC_MODEL_PARTICIPANTS_H
#define NVC_MODEL_PARTICIPANTS_H

#include "base/pool.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* One column of participants.tsv. */
struct nvc_variable {
    const char *name;
    bool numeric;
    double *value; /* the number, or the index of the level; NaN: missing */
    size_t n_levels;
    const char **levels; /* in bytewise order; NULL when numeric */
    const char *trouble; /* why it must not be used, or NULL */
};

struct nvc_participants { /* zero it before use */
    struct nvc_pool text;
    struct nvc_tuples ids; /* number i belongs to ids.items[i], "sub-..."; in bytewise order */
    size_t n;
    size_t n_variables;
    struct nvc_variable *variables;
    const char *path;      /* of the table they were read from, for messages; interned */
};
void nvc_participants_release(struct nvc_participants *p);
/* "sub-01" for "sub-01" and for "01", interned; NULL with err set. */
const char *nvc_participants_id(struct nvc_participants *p, const char *id, struct nvc_error *err) NVC_CHECKED;
/* Number of the participant of that id (with or without "sub-"); NVC_EDATA when there is none. */
int nvc_participants_find(const struct nvc_participants *p, const char *id, size_t *number,
                          struct nvc_error *err) NVC_CHECKED;
/* The variable of that name, refusing (NVC_EDATA) one that is not there, with a near miss, and one in trouble. */
int nvc_participants_need(const struct nvc_participants *p, const char *name, const struct nvc_variable **v,
                          struct nvc_error *err) NVC_CHECKED;

#endif
