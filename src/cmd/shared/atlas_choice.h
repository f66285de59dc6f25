/* What --atlas means: a file, a name of the catalogue, or the built-in atlas.  Here the environment is read. */
#ifndef NVC_CMD_ATLAS_CHOICE_H
#define NVC_CMD_ATLAS_CHOICE_H

#include "table/atlas.h"
#include "table/catalogue.h"

struct atlas_choice {
    struct nvc_list paths;                    /* --atlas-path */
    const char *atlas, *labels, *name, *space; /* options; NULL: not given */
};

/* Folders in which atlases are looked for: --atlas-path, $FSLDIR, $FSLDIR/data/atlases, $FREESURFER_HOME,
 * $TEMPLATEFLOW_HOME, the installed atlases folder.  Released with atlas_roots_release. */
struct atlas_roots {
    char *own[8];
    const char *items[64];
    struct nvc_list list;
};
int atlas_roots_find(struct atlas_roots *r, const struct nvc_list *paths, struct nvc_error *err) NVC_CHECKED;
void atlas_roots_release(struct atlas_roots *r);

/* Open the atlas; *entry is what the catalogue knows of it, or NULL. */
int atlas_choose(struct nvc_atlas *a, const struct nvc_catalogue_entry **entry, const struct atlas_choice *c,
                 struct nvc_error *err) NVC_CHECKED;

#endif
