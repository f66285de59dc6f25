#include "cmd/run/plan.h"

#include "base/memory.h"
#include "cmd/shared/atlas_choice.h"
#include "model/region/roi_parametric.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The letters and digits of a text: all that BIDS allows in the value of an entity. */
static char *label_of(const char *text, size_t n, struct nvc_error *err)
{
    char *label = nvc_strndup(text, n, err), *to = label;
    for (size_t i = 0; label && i < n; i++)
        if (isalnum((unsigned char)text[i]))
            *to++ = text[i];
    if (label)
        *to = '\0';
    return label;
}

/* Absolute, so that the commands in a log can be typed anywhere; takes `path`. */
static int keep_file(char **kept, char *path, struct nvc_error *err)
{
    *kept = realpath(path, NULL);
    int status = *kept ? 0 : nvc_fail(err, NVC_ESYS, "%s: %s", path, strerror(errno));
    free(path);
    return status;
}

/* A name of the catalogue: its files must be on this machine before anything is run. */
static int take_known(struct nvc_run_atlas *a, const char *name, const struct nvc_list *paths, struct nvc_error *err)
{
    const struct nvc_catalogue_entry *e = nvc_catalogue_find(strcmp(name, "builtin") ? name : NVC_PARAMETRIC_ATLAS);
    struct atlas_roots roots;
    if (!e)
        return nvc_fail(err, NVC_EUSAGE, "atlas '%s': give builtin, a name that nvc-mask --list prints, or NAME=IMAGE,LABELS for one of your "
                        "own", name);
    a->name = label_of(e->atlas, strlen(e->atlas), err);
    if (!a->name || !strcmp(e->kind, "built-in"))
        return a->name ? 0 : NVC_ESYS;
    a->known = e->atlas;
    int status = atlas_roots_find(&roots, paths, err);
    if (!status)
        status = nvc_catalogue_locate(e, 0, &roots.list, &a->image, err);
    if (!status && !a->image)
        status = nvc_fail(err, NVC_ESYS, "atlas %s is not found below --atlas-path, $FSLDIR, $FREESURFER_HOME or $TEMPLATEFLOW_HOME; to be had "
                          "from: %s", name, e->obtain);
    atlas_roots_release(&roots);
    return status ? status : keep_file(&a->image, a->image, err);
}

/* NAME=IMAGE[,LABELS[,REGION...]] */
static int take_own(struct nvc_run_atlas *a, const char *text, struct nvc_error *err)
{
    const char *equals = strchr(text, '=');
    size_t cap = 0;
    a->name = label_of(text, (size_t)(equals - text), err);
    int status = a->name ? 0 : NVC_ESYS;
    if (!status && (!*a->name || !equals[1] || equals[1] == ','))
        return nvc_fail(err, NVC_EUSAGE, "atlas '%s': wanted NAME=IMAGE[,LABELS[,REGION...]], NAME with a letter or digit", text);
    const char *at = equals + 1;
    for (int k = 0; !status && *at; k++) {
        size_t n = strcspn(at, ",");
        char *piece = nvc_strndup(at, n, err);
        if (!piece)
            return NVC_ESYS;
        at += n + (at[n] == ',');
        if (k == 1 && !n) /* no labels, but regions */
            free(piece);
        else if (k < 2)
            status = keep_file(k ? &a->labels : &a->image, piece, err);
        else if (!(status = nvc_grow(&a->regions, &cap, a->n_regions + 1, sizeof *a->regions, err)))
            a->regions[a->n_regions++] = piece;
        else
            free(piece);
    }
    return status;
}

int nvc_run_atlas_parse(struct nvc_run_atlas *a, const char **text, const struct nvc_list *paths, struct nvc_error *err)
{
    *a = (struct nvc_run_atlas) { 0 };
    size_t n = strcspn(*text, ",");
    if (memchr(*text, '=', n)) {
        const char *own = *text;
        *text = NULL;
        return take_own(a, own, err);
    }
    char *name = nvc_strndup(*text, n, err);
    int status = name ? take_known(a, name, paths, err) : NVC_ESYS;
    *text = (*text)[n] ? *text + n + 1 : NULL;
    free(name);
    return status;
}

void nvc_run_atlas_release(struct nvc_run_atlas *a)
{
    for (size_t i = 0; i < a->n_regions; i++)
        free(a->regions[i]);
    free(a->regions);
    free(a->name);
    free(a->image);
    free(a->labels);
    *a = (struct nvc_run_atlas) { 0 };
}
