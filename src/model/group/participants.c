#include "model/group/participants.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nvc_participants_release(struct nvc_participants *p)
{
    for (size_t i = 0; i < p->n_variables; i++) {
        free(p->variables[i].value);
        free(p->variables[i].levels);
    }
    free(p->variables);
    nvc_tuples_release(&p->ids);
    nvc_pool_release(&p->text);
    *p = (struct nvc_participants){ 0 };
}

enum { ID_SIZE = 512 };

/* "01" -> "sub-01" */
static int full_id(char full[static ID_SIZE], const char *id, struct nvc_error *err)
{
    int n = snprintf(full, ID_SIZE, "%s%s", nvc_has_prefix(id, "sub-") ? "" : "sub-", id);
    if (n < 0 || n >= ID_SIZE)
        return nvc_fail(err, NVC_EDATA, "participant_id '%.40s...' is longer than %d characters", id, ID_SIZE - 8);
    return 0;
}

const char *nvc_participants_id(struct nvc_participants *p, const char *id, struct nvc_error *err)
{
    char full[ID_SIZE];
    return full_id(full, id, err) ? NULL : nvc_pool_add(&p->text, full, err);
}

int nvc_participants_find(const struct nvc_participants *p, const char *id, size_t *number, struct nvc_error *err)
{
    char full[ID_SIZE];
    int status = full_id(full, id, err);
    if (status)
        return status;
    const char *text = nvc_pool_find(&p->text, full);
    *number = text ? nvc_tuples_find(&p->ids, &text) : SIZE_MAX;
    return *number < p->n ? 0
                          : nvc_fail(err, NVC_EDATA,
                                     "participant %s has rows but is not in the participants table; add the "
                                     "participant or leave the file out",
                                     full);
}

int nvc_participants_need(const struct nvc_participants *p, const char *name, const struct nvc_variable **v,
                          struct nvc_error *err)
{
    const char *near = NULL, **names = NULL;
    for (size_t i = 0; i < p->n_variables; i++)
        if (!strcmp(p->variables[i].name, name)) {
            *v = &p->variables[i];
            return (*v)->trouble ? nvc_fail(err, NVC_EDATA, "%s", (*v)->trouble) : 0;
        }
    if (!(names = nvc_array(p->n_variables, sizeof *names, err)))
        return NVC_ESYS;
    for (size_t i = 0; i < p->n_variables; i++)
        names[i] = p->variables[i].name;
    near = nvc_near_miss(name, names, p->n_variables);
    free(names);
    return nvc_fail(err, NVC_EDATA, "%s: no column '%s'%s%s%s", p->path, name, near ? "; did you mean '" : "",
                    near ? near : "", near ? "'?" : "");
}
