#include "table/catalogue.h"

#include "base/memory.h"
#include "io/tsv.h"

#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct nvc_catalogue_entry entries[] = {
#include "table/catalogue.inc"
};
enum { N_ENTRIES = sizeof entries / sizeof *entries };

const struct nvc_catalogue_entry *nvc_catalogue(size_t *n)
{
    *n = N_ENTRIES;
    return entries;
}

const struct nvc_catalogue_entry *nvc_catalogue_find(const char *name)
{
    for (size_t i = 0; i < N_ENTRIES; i++)
        if (!strcmp(entries[i].atlas, name))
            return &entries[i];
    return NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The next alternative of "a|b|c" as text of its own; *at moves on, NULL at the end. */
static char *next_file(const char **at, struct nvc_error *err)
{
    const char *from = *at;
    size_t n = strcspn(from, "|");
    *at = from[n] ? from + n + 1 : NULL;
    return nvc_strndup(from, n, err);
}

const struct nvc_catalogue_entry *nvc_catalogue_of_file(const char *path)
{
    struct nvc_error err;
    for (size_t i = 0; i < N_ENTRIES; i++)
        for (const char *at = entries[i].files; at;) {
            char *file = next_file(&at, &err);
            bool same = file && nvc_glob_match(base_name(file), base_name(path));
            free(file);
            if (same)
                return &entries[i];
        }
    return NULL;
}

size_t nvc_catalogue_aliases(const struct nvc_catalogue_entry *e, struct nvc_alias aliases[static 4])
{
    const struct nvc_alias all[4] = { { "BLA", e->bla }, { "CM", e->cm }, { "SF", e->sf }, { "amygdala", e->amygdala } };
    size_t n = 0;
    for (size_t i = 0; i < 4; i++)
        if (strcmp(all[i].terms, "n/a") != 0)
            aliases[n++] = all[i];
    return n;
}

int nvc_catalogue_locate(const struct nvc_catalogue_entry *e, int labels, const struct nvc_list *roots, char **path,
                         struct nvc_error *err)
{
    const char *files = labels ? e->labels : e->files;
    *path = NULL;
    for (size_t r = 0; r < roots->n && strcmp(files, "n/a") != 0; r++)
        for (const char *at = files; at;) {
            char *file = next_file(&at, err), *pattern = file ? nvc_sprintf(err, "%s/%s", roots->items[r], file) : NULL;
            glob_t found = { 0 };
            int status = pattern ? 0 : (int)err->status;
            if (!status && !glob(pattern, 0, NULL, &found) && found.gl_pathc && !(*path = nvc_strdup(found.gl_pathv[0], err)))
                status = (int)err->status;
            globfree(&found);
            free(file);
            free(pattern);
            if (status || *path)
                return status;
        }
    return 0;
}

const struct nvc_column nvc_catalogue_columns[] = {
    { "atlas", NULL, "name to give to --atlas" },
    { "title", NULL, "what it is" },
    { "space", NULL, "template space" },
    { "regions", NULL, "common names that it knows" },
    { "image", NULL, "where it was found; n/a: not on this machine" },
    { "licence", NULL, "terms of use" },
    { "citation", NULL, "whom to cite" },
    { "obtain", NULL, "where to get it" },
    { "checked", NULL, "files: this software was run on the atlas itself; names: its file and region names were compared with public code that reads "
      "it, but not run on its files" },
    { NULL, NULL, NULL },
};

static int write_row(struct nvc_text *out, const struct nvc_catalogue_entry *e, const struct nvc_list *roots,
                     struct nvc_error *err)
{
    struct nvc_alias aliases[4];
    struct nvc_text names = { 0 };
    char *image;
    int status = nvc_catalogue_locate(e, 0, roots, &image, err);
    for (size_t i = 0, n = nvc_catalogue_aliases(e, aliases); !status && i < n; i++)
        status = nvc_text_printf(&names, err, "%s%s", i ? " " : "", aliases[i].name);
    const char *const cells[] = { e->atlas, e->title, e->space, names.data, strcmp(e->kind, "built-in") ? image : "built in",
                                  e->licence, e->citation, e->obtain, e->checked };
    for (size_t i = 0; !status && i < 9; i++)
        status = nvc_tsv_cell(out, cells[i], i == 8, err);
    nvc_text_release(&names);
    free(image);
    return status;
}

int nvc_catalogue_write(struct nvc_text *out, const struct nvc_list *roots, struct nvc_error *err)
{
    int status = nvc_tsv_header(out, nvc_catalogue_columns, err);
    for (size_t i = 0; !status && i < N_ENTRIES; i++)
        status = write_row(out, &entries[i], roots, err);
    return status;
}
