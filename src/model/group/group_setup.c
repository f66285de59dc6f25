/* Who is compared with whom: the groups of group.h. */
#include "model/group/group.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int find_level(const char *path, const struct nvc_variable *v, const char *label, size_t *level, struct nvc_error *err)
{
    for (size_t i = 0; i < v->n_levels; i++)
        if (!strcmp(v->levels[i], label)) {
            *level = i;
            return 0;
        }
    struct nvc_text all = { 0 };
    int status = 0;
    for (size_t i = 0; i < v->n_levels && i < 10 && !status; i++)
        status = nvc_text_printf(&all, err, "%s'%s'", i ? ", " : "", v->levels[i]);
    if (!status)
        status = nvc_fail(err, NVC_EDATA, "%s: column '%s' has no label '%s'; it has %s%s", path, v->name, label,
                          all.data ? all.data : "none", v->n_levels > 10 ? ", ..." : "");
    nvc_text_release(&all);
    return status;
}

static int find_levels(const char *path, const struct nvc_variable *v, const char *labels[2], size_t level[2], struct nvc_error *err)
{
    if (v->numeric)
        return nvc_fail(err, NVC_EDATA,
                        "%s: column '%s' holds numbers, not groups; declare labels with --factor %s", path, v->name,
                        v->name);
    int status = find_level(path, v, labels[1], &level[1], err);
    if (status)
        return status;
    if (!labels[0]) {
        if (v->n_levels != 2)
            return nvc_fail(err, NVC_EDATA,
                            "%s: column '%s' has %zu label%s; name the controls with --control", path, v->name,
                            v->n_levels, v->n_levels == 1 ? "" : "s");
        labels[0] = v->levels[!level[1]];
    }
    status = find_level(path, v, labels[0], &level[0], err);
    if (!status && level[0] == level[1])
        status = nvc_fail(err, NVC_EUSAGE, "--case and --control are both '%s'", labels[0]);
    return status;
}

int nvc_contrast_groups_init(struct nvc_contrast_groups *g, const struct nvc_participants *p, const char *name,
                             const char *case_label, const char *control_label, struct nvc_error *err)
{
    const struct nvc_variable *v = NULL;
    size_t level[2] = { 0, 0 }, n[2] = { 0, 0 };
    *g = (struct nvc_contrast_groups){ .labels = { control_label, case_label } };
    int status = nvc_participants_need(p, name, &v, err);
    if (!status)
        status = find_levels(p->path, v, g->labels, level, err);
    if (status)
        return status;
    g->labels[0] = v->levels[level[0]], g->labels[1] = v->levels[level[1]];
    g->group = (struct nvc_variable){ .name = v->name, .n_levels = 2 };
    g->group.value = nvc_array(p->n, sizeof *g->group.value, err);
    g->group.levels = nvc_array(2, sizeof *g->group.levels, err);
    if (!g->group.value || !g->group.levels)
        return NVC_ESYS;
    g->group.levels[0] = g->labels[0], g->group.levels[1] = g->labels[1];
    for (size_t i = 0; i < p->n; i++) {
        bool in[2] = { v->value[i] == (double)level[0], v->value[i] == (double)level[1] };
        g->group.value[i] = in[1] ? 1 : in[0] ? 0 : NAN;
        n[0] += in[0], n[1] += in[1];
    }
    g->n_control = n[0], g->n_case = n[1];
    for (size_t k = 0; k < 2; k++)
        if (n[k] < 2)
            return nvc_fail(err, NVC_EDATA,
                            "%s: group '%s' has %zu member%s; a comparison needs at least two", p->path, g->labels[k],
                            n[k], n[k] == 1 ? "" : "s");
    return 0;
}

void nvc_contrast_groups_release(struct nvc_contrast_groups *g)
{
    free(g->group.value);
    free(g->group.levels);
    *g = (struct nvc_contrast_groups){ 0 };
}
