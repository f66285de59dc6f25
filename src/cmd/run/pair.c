#include "cmd/run/plan.h"

#include "base/grid.h"
#include "base/memory.h"
#include "cli/message.h"
#include "io/nifti.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The grid of an image; false where its header cannot be read, which its chain will say. */
static bool grid_of(struct nvc_grid *grid, const char *path)
{
    struct nvc_error ignored;
    struct nvc_nifti *image = NULL;
    const bool good = !nvc_nifti_open(&image, path, NVC_ORIENT_AUTO, NVC_INFLATE_BEST, &ignored);
    if (good)
        *grid = nvc_nifti_header(image)->grid;
    nvc_nifti_close(image);
    return good;
}

static bool same_grid(const char *a, const char *b)
{
    struct nvc_grid one, other;
    return grid_of(&one, a) && grid_of(&other, b) && nvc_grid_equal(&one, &other);
}

static int find_grey(char **grey, const char *image, struct nvc_error *err)
{
    enum { MOST = 16 };
    char *paths[MOST] = { 0 };
    size_t n;
    int status = nvc_bids_find_grey(paths, &n, MOST, image, err);
    for (size_t i = 0; i < n; i++) {
        if (!status && !*grey && same_grid(paths[i], image))
            *grey = paths[i];
        else
            free(paths[i]);
    }
    return status;
}

static bool same_session(const struct nvc_bids_name *a, const struct nvc_bids_name *b)
{
    return !strcmp(a->participant_id, b->participant_id) && !strcmp(a->session, b->session);
}

/* Flow of the same session and space; of several that of the same run, else the first. */
static size_t find_flow(const struct nvc_bids_run *const *runs, size_t n, const struct nvc_bids_name *of, bool *elsewhere)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        const struct nvc_bids_name *name = &runs[i]->name;
        if (!nvc_run_is_flow(runs[i]) || !same_session(name, of))
            continue;
        if (strcmp(name->space, of->space))
            *elsewhere = true;
        else if (found == SIZE_MAX || (strcmp(runs[found]->name.run, of->run) && !strcmp(name->run, of->run)))
            found = i;
    }
    return found;
}

int nvc_run_pair_all(struct nvc_run_pair *pairs, const struct nvc_bids_run *const *runs, size_t n, const struct nvc_run_wish *wish,
                     struct nvc_error *err)
{
    size_t n_rest = 0, n_apart = 0, n_elsewhere = 0, n_bare = 0, apart = 0, elsewhere = 0, bare = 0;
    int status = 0;
    for (size_t i = 0; !status && i < n; i++) {
        struct nvc_run_pair *p = &pairs[i];
        bool other_space = false, rest = nvc_run_is_rest(runs[i], wish);
        p->flow = SIZE_MAX;
        if (rest) {
            n_rest++;
            p->flow = find_flow(runs, n, &runs[i]->name, &other_space);
            p->one_grid = p->flow != SIZE_MAX && same_grid(runs[i]->bold, runs[p->flow]->bold);
            if (p->flow != SIZE_MAX && !p->one_grid && !n_apart++)
                apart = i;
            if (p->flow == SIZE_MAX && other_space && !n_elsewhere++)
                elsewhere = i;
        }
        if (rest || nvc_run_is_flow(runs[i]))
            status = find_grey(&p->grey, runs[i]->bold, err);
        if (rest && !p->grey && !n_bare++)
            bare = i;
    }
    if (!status && n_apart)
        nvc_warn("%zu of %zu resting runs have flow on another grid, %s first: no map is resampled, so there is no correlation across voxels; "
                 "give fMRIPrep and ASLPrep the same output-spaces with a res-", n_apart, n_rest, runs[apart]->bold);
    if (!status && n_bare && n_bare < n_rest)
        nvc_warn("%zu of %zu resting runs have no _label-GM_probseg on their grid, %s first: their lnalff refers to the brain, that of the others to grey "
                 "matter", n_bare, n_rest, runs[bare]->bold);
    if (!status && n_elsewhere)
        nvc_warn("%zu of %zu resting runs have flow in another space only, %s first: the two are not coupled", n_elsewhere, n_rest, runs[elsewhere]->bold);
    return status;
}
