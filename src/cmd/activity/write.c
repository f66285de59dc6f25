#include "cmd/activity/job.h"

#include "base/memory.h"
#include "cli/output.h"
#include "cmd/shared/bold.h"
#include "table/activity.h"
#include "table/coupling.h"

#include <stdlib.h>

const char *const activity_half_names[2] = { "first", "second" };

/* A map as it is ('\0'), divided by its mean ('m') or standardised ('z'); desc: "" or of a half. */
static int write_map(const struct activity_job *j, const struct nvc_activity *a, const char *desc, int which, char kind, struct nvc_error *err)
{
    const struct nvc_map_moments m = nvc_map_moments_of(a->map[which], a->n_voxels);
    const struct held_map map = { a->map[which], kind == 'z' ? m.mean : 0, kind == 'z' ? m.sd : kind == 'm' ? m.mean : 1, NULL, NULL };
    const char prefix[2] = { kind, '\0' };
    char *path = nvc_sprintf(err, "%s_%sstat-%s%s_boldmap.nii.gz", j->o->maps, desc, prefix, nvc_activity_names[which]);
    int status = path ? held_image_write(&j->image, path, &map, j->marks, j->n_marks, err) : NVC_ESYS;
    free(path);
    return status;
}

int activity_write_maps(const struct activity_job *j, struct nvc_error *err)
{
    static const char kinds[] = { '\0', 'm', 'z' };
    static const char *const desc[] = { "desc-first_", "desc-second_" };
    int status = 0;
    for (int k = 0; k < NVC_ACTIVITY_MAPS && j->o->maps && !status; k++) {
        for (size_t i = 0; i < (k == NVC_MAP_NEIGHBOURS ? 1 : sizeof kinds) && j->activity.map[k] && !status; i++)
            status = write_map(j, &j->activity, "", k, kinds[i], err);
        for (int half = 0; half < 2 && j->o->half_maps && k != NVC_MAP_NEIGHBOURS && j->half[half].map[k] && !status; half++)
            status = write_map(j, &j->half[half], desc[half], k, '\0', err);
    }
    return status;
}

/* Rows of the run (half -1) or of one of its halves, if it has any. */
static int add_rows(struct nvc_coupling *rows, struct activity_job *j, const long *at, int half, struct nvc_error *err)
{
    struct nvc_series who = { 0 };
    const struct nvc_activity_rows source = { half < 0 ? &j->activity : &j->half[half], &j->image.block, half < 0 ? &j->spec : &j->half_spec[half],
                                              &j->mask, at, j->image.index, j->grey, &who.who, j->mean_fd_mm, j->o->standardise };
    int status = bold_identify(&j->image.bold, j->o->bids_name, &who, err);
    if (half >= 0 && !status)
        nvc_identity_half(&who.who, activity_half_names[half]);
    for (size_t r = 0; r < j->mask.n_regions && source.activity->n_voxels && !status; r++)
        status = nvc_activity_indices(rows, &source, r, err);
    return status || !source.activity->n_voxels ? status : nvc_activity_grey(rows, &source, err);
}

int activity_write_rows(struct activity_job *j, const long *at, const char *path, bool halves, struct nvc_error *err)
{
    struct nvc_coupling rows = { 0 };
    struct nvc_text text = { 0 };
    struct nvc_sidecar sidecar = { .columns = nvc_coupling_columns, .inputs = j->marks, .n_inputs = j->n_marks };
    int status = add_rows(&rows, j, at, halves ? 0 : -1, err);
    if (!status && halves)
        status = add_rows(&rows, j, at, 1, err);
    if (!status)
        status = nvc_coupling_write(&text, &rows, true, err);
    if (!status)
        status = nvc_output(path, &text, &sidecar, err);
    nvc_coupling_release(&rows);
    nvc_text_release(&text);
    return status;
}
