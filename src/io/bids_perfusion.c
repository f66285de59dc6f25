#include "io/bids_private.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int bids_perfusion_parts(struct nvc_bids_run *run, struct nvc_error *err)
{
    static const char *const nothing[] = { NULL }, *const only_desc[] = { "desc-", NULL };
    char *stem = nvc_bids_stem(run->bold, err);
    int status = stem ? 0 : NVC_ESYS;
    const struct { char **to; const char *const *drop; const char *tail; } parts[] = {
        { &run->sidecar, nothing, strcmp(run->name.suffix, "cbf") ? "_asl.json" : "_cbf.json" },
        { &run->context, nothing, "_aslcontext.tsv" }, { &run->m0, nothing, "_m0scan.nii.gz" }, { &run->m0, nothing, "_m0scan.nii" },
        { &run->brain_mask, only_desc, "_desc-brain_mask.nii.gz" }, { &run->brain_mask, only_desc, "_desc-brain_mask.nii" },
    };
    for (size_t i = 0; !status && i < sizeof parts / sizeof *parts; i++)
        status = bids_find_sibling(parts[i].to, stem, parts[i].drop, parts[i].tail, err);
    free(stem);
    return status;
}

/* How much is known of flow in an image; 0: it holds none. */
static int rank_of(const char *name)
{
    const bool gz = nvc_has_suffix(name, ".gz"), desc = strstr(name, "_desc-");
    if (!nvc_has_prefix(name, "sub-"))
        return 0;
    if (nvc_has_suffix(name, gz ? "_cbf.nii.gz" : "_cbf.nii"))
        return desc ? 0 : 3;
    if (nvc_has_suffix(name, gz ? "_desc-preproc_asl.nii.gz" : "_desc-preproc_asl.nii"))
        return 2;
    return nvc_has_suffix(name, gz ? "_asl.nii.gz" : "_asl.nii") && !desc ? 1 : 0;
}

int bids_is_outdone(bool *outdone, const struct bids_folder *f, const char *name, struct nvc_error *err)
{
    static const char *const only_desc[] = { "desc-", NULL };
    *outdone = !rank_of(name);
    if (*outdone)
        return 0;
    char *stem = nvc_bids_stem(name, err), *key = stem ? bids_sibling(stem, only_desc, "", err) : NULL;
    int status = key ? 0 : NVC_ESYS;
    for (size_t i = 0; !status && !*outdone && i < f->n; i++) {
        const char *that = f->entries[i]->d_name;
        if (!rank_of(that))
            continue;
        char *other = nvc_bids_stem(that, err), *its = other ? bids_sibling(other, only_desc, "", err) : NULL;
        status = its ? 0 : NVC_ESYS;
        *outdone = its && ((rank_of(that) > rank_of(name) && !strcmp(its, key)) || (strstr(its, "_space-") && !strstr(key, "_space-")));
        free(its);
        free(other);
    }
    free(key);
    free(stem);
    return status;
}

static int grey_in(char **paths, size_t *n, size_t most, const char *folder, const struct nvc_bids_name *of, struct nvc_error *err)
{
    struct bids_folder f;
    int status = bids_folder_read(&f, folder, err);
    for (size_t i = 0; !status && *n < most && i < f.n; i++) {
        const char *file = f.entries[i]->d_name;
        struct nvc_bids_name name;
        if (!nvc_has_suffix(file, "_label-GM_probseg.nii.gz") && !nvc_has_suffix(file, "_label-GM_probseg.nii"))
            continue;
        if ((status = nvc_bids_parse(&name, file, err)) || strcmp(name.participant_id, of->participant_id) || strcmp(name.space, of->space))
            continue;
        if (!(paths[(*n)++] = nvc_sprintf(err, "%s/%s", folder, file)))
            status = NVC_ESYS;
    }
    bids_folder_release(&f);
    return status;
}

/* A folder that lies `up` levels above that of the image, and below it `name`. */
static char *folder_near(const char *image, int up, const char *name, struct nvc_error *err)
{
    size_t n = strlen(image);
    for (int k = 0; k <= up; k++) /* the name of the image first */
        while (n && image[--n] != '/') { }
    return nvc_sprintf(err, "%.*s%s%s", (int)n, image, *name ? "/" : "", name);
}

int nvc_bids_find_grey(char **paths, size_t *n, size_t most, const char *image, struct nvc_error *err)
{
    static const struct { int up; const char *name; } places[] = { { 0, "" }, { 1, "perf" }, { 1, "anat" }, { 2, "anat" } };
    struct nvc_bids_name of;
    int status = nvc_bids_parse(&of, image, err);
    *n = 0;
    for (size_t k = 0; !status && k < sizeof places / sizeof *places; k++) {
        char *folder = folder_near(image, places[k].up, places[k].name, err);
        status = folder ? grey_in(paths, n, most, folder, &of, err) : NVC_ESYS;
        free(folder);
    }
    return status;
}
