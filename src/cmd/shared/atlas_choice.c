#include "cmd/shared/atlas_choice.h"

#include "base/memory.h"
#include "cli/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int atlas_roots_find(struct atlas_roots *r, const struct nvc_list *paths, struct nvc_error *err)
{
    static const struct { const char *variable, *below; } places[] = {
        { "FSLDIR", "/data/atlases" }, { "FSLDIR", "" }, { "FREESURFER_HOME", "" }, { "TEMPLATEFLOW_HOME", "" },
    };
    size_t n = 0;
    *r = (struct atlas_roots){ .own = { NULL } };
    for (size_t i = 0; i < paths->n && n < 48; i++)
        r->items[n++] = paths->items[i];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *value = getenv(places[i].variable);
        if (!value || !*value)
            continue;
        if (!(r->own[i] = nvc_sprintf(err, "%s%s", value, places[i].below)))
            return (int)err->status;
        r->items[n++] = r->own[i];
    }
    r->items[n++] = NVC_DATADIR "/atlases";
    r->list = (struct nvc_list){ r->items, n };
    return 0;
}

void atlas_roots_release(struct atlas_roots *r)
{
    for (size_t i = 0; i < sizeof r->own / sizeof *r->own; i++)
        free(r->own[i]);
    *r = (struct atlas_roots){ .own = { NULL } };
}

/* A name of the catalogue becomes the path of its image, which must be on this machine. */
static int locate(char **image, char **labels, const struct nvc_catalogue_entry *e, const struct atlas_choice *c, bool by_name,
                  struct nvc_error *err)
{
    struct atlas_roots roots;
    int status = atlas_roots_find(&roots, &c->paths, err);
    if (!status && by_name)
        status = nvc_catalogue_locate(e, 0, &roots.list, image, err);
    if (!status && by_name && !*image)
        status = nvc_fail(err, NVC_ESYS, "atlas %s is not found below --atlas-path, $FSLDIR, $FREESURFER_HOME or $TEMPLATEFLOW_HOME; "
                          "to be had from: %s", e->atlas, e->obtain);
    if (!status && !c->labels)
        status = nvc_catalogue_locate(e, 1, &roots.list, labels, err);
    atlas_roots_release(&roots);
    return status;
}

/* An atlas in two files, one a hemisphere: a name of the catalogue means both, a path the one it names. */
static int other_half(struct nvc_atlas *a, const char *table, bool by_name, struct nvc_error *err)
{
    char *other;
    int status = a->image ? nvc_atlas_hemisphere(a->image, &other, err) : 0;
    if (status || !a->image || !other)
        return status;
    bool there = !access(other, F_OK);
    if (by_name && there)
        status = nvc_atlas_join(a, other, table, err);
    else if (by_name)
        nvc_warn("%s: %s is not there, so only one hemisphere has regions", a->image, other);
    else
        nvc_note("%s holds one hemisphere%s%s", a->image, there ? "; the other is in " : "", there ? other : "");
    free(other);
    return status;
}

int atlas_choose(struct nvc_atlas *a, const struct nvc_catalogue_entry **entry, const struct atlas_choice *c, struct nvc_error *err)
{
    const struct nvc_catalogue_entry *e = NULL;
    char *image = NULL, *labels = NULL;
    int status = 0;
    bool by_name = false;
    if (c->atlas && access(c->atlas, F_OK) != 0 && (e = nvc_catalogue_find(c->atlas)))
        by_name = strcmp(e->kind, "built-in") != 0;
    else if (c->atlas)
        e = nvc_catalogue_of_file(c->atlas);
    bool builtin = !c->atlas || (e && !strcmp(e->kind, "built-in"));
    if (builtin)
        e = nvc_catalogue_find("julich31-ellipsoids");
    else if (e)
        status = locate(&image, &labels, e, c, by_name, err);
    if (!status)
        status = builtin ? nvc_atlas_builtin(a, err)
                         : nvc_atlas_open(a, image ? image : c->atlas, c->labels ? c->labels : labels, c->name ? c->name : e ? e->atlas : NULL, err);
    if (!status && !builtin)
        status = other_half(a, c->labels ? c->labels : labels, by_name, err);
    if (!status && e && !strcmp(a->space, "n/a"))
        (void)snprintf(a->space, sizeof a->space, "%s", e->space);
    if (!status && c->space)
        (void)snprintf(a->space, sizeof a->space, "%s", c->space);
    free(image);
    free(labels);
    *entry = e;
    return status;
}
