#include "base/memory.h"
#include "cli/cmd.h"
#include "cmd/qc/work.h"
#include "math/dist.h"
#include "model/coupling/coupling_maps.h"
#include "model/design/contrast.h"
#include "table/coupling.h"
#include "table/mask.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* All regions of the mask as one. */
static int unite_all(struct nvc_region *out, const struct nvc_mask *m, struct nvc_error *err)
{
    int status = nvc_region_unite(out, &m->regions[0], &m->regions[0], err);
    for (size_t r = 1; r < m->n_regions && !status; r++) {
        struct nvc_region both = { 0 };
        status = nvc_region_unite(&both, out, &m->regions[r], err);
        nvc_region_release(out);
        *out = both;
    }
    return status;
}

static int open_region(struct qc_work *j, struct nvc_error *err)
{
    const char *path = j->o->positive;
    struct nvc_mask_source source;
    struct nvc_mask m = { 0 };
    struct nvc_region all = { 0 }, *added;
    int status = nvc_mask_read_as(&m, path, (enum nvc_orientation)j->o->orientation, NULL, &source, err);
    if (!status)
        j->marks[j->n_marks++] = (struct nvc_input_mark){ path, source.crc32, source.bytes };
    if (!status && !nvc_grid_equal(&m.grid, &j->scan.mask.grid))
        status = nvc_fail(err, NVC_EDATA, "%s: its grid is not that of the run; make it with nvc-mask -g", path);
    if (!status && !(status = unite_all(&all, &m, err)) && !all.n)
        status = nvc_fail(err, NVC_EDATA, "%s: no voxel above 0", path);
    if (!status && !(status = nvc_mask_append(&j->scan.mask, "positive control", NULL, &added, err))) {
        added->index = all.index, added->weight = all.weight, added->n = all.n;
        nvc_region_measure(added, &j->scan.mask.grid);
        j->positive_region = j->scan.mask.n_regions - 1;
        all.index = NULL, all.weight = NULL;
    }
    nvc_region_release(&all);
    nvc_mask_release(&m);
    return status;
}

static int read_flow(struct qc_work *j, struct nvc_error *err)
{
    const char *path = j->o->flow_rows, *who = j->name.participant_id;
    struct nvc_coupling rows = { 0 };
    int status = nvc_coupling_read(&rows, path, err);
    const struct nvc_coupling_row *grey = status ? NULL : nvc_coupling_find(&rows, "cbf", "GM", "B");
    if (!status && !grey)
        status = nvc_fail(err, NVC_EDATA, "%s: no row cbf of region GM, side B; nvc-cbf --grey makes it", path);
    if (!status && strcmp(who, "n/a") != 0 && strcmp(who, grey->participant_id) != 0)
        status = nvc_fail(err, NVC_EDATA, "%s: flow of %s, the run is of %s", path, grey->participant_id, who);
    if (!status)
        j->positive.grey_flow = grey->value;
    nvc_coupling_release(&rows);
    return status;
}

int qc_positive_open(struct qc_work *j, struct nvc_error *err)
{
    j->positive = (struct nvc_qc_positive){ j->o->positive != NULL, j->o->flow_rows != NULL, NAN, NAN };
    int status = j->o->positive ? open_region(j, err) : 0;
    return !status && j->o->flow_rows ? read_flow(j, err) : status;
}

int qc_positive_fit(struct qc_work *j, const struct nvc_qc_run *run, struct nvc_error *err)
{
    struct nvc_qc_row row = { .positive = { false, false, NAN, NAN } };
    struct nvc_qc_model model = j->model;
    struct nvc_qc_run alone = *run;
    struct nvc_contrast c = { 0 };
    const char *const text = j->o->positive_contrast, **names = nvc_array(j->design.n_cols, sizeof *names, err);
    int status = names ? 0 : NVC_ESYS;
    for (size_t i = 0; i < j->design.n_cols && !status; i++)
        names[i] = j->design.columns[i].name;
    if (!status && text && !(status = nvc_contrast_parse(&c, text, names, j->design.n_cols, err)))
        model.weights = c.C;
    alone.model = text || j->has_effect ? &model : NULL;
    alone.brain_signal = NULL;
    if (!status && !(status = nvc_qc_region(&row, &alone, j->positive_region, SIZE_MAX, err)))
        j->positive.z = nvc_t_to_z(row.effect_pct / row.effect_se, (double)model.n - (double)model.m);
    nvc_contrast_release(&c);
    free(names);
    return status;
}
