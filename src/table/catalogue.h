/* The catalogue of atlases (atlases/catalogue.tsv): what each calls BLA, CM, SF and amygdala, in which space it is, under
 * which licence, whom to cite, and where its files are looked for. */
#ifndef NVC_TABLE_CATALOGUE_H
#define NVC_TABLE_CATALOGUE_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "model/region/roi_name.h"

struct nvc_catalogue_entry { /* "n/a" where there is nothing; in the order of the columns of the TSV */
    const char *atlas, *title, *space;
    const char *kind;   /* built-in, labels, probabilities */
    const char *files;  /* globs below a root, '|' between, the first found is taken */
    const char *labels; /* label table below a root, when it does not lie beside the image */
    const char *bla, *cm, *sf, *amygdala; /* terms of nvc_select */
    const char *licence, *citation, *obtain;
    const char *checked; /* files: this software was run on them; names: they agree with public code that reads the files */
};
const struct nvc_catalogue_entry *nvc_catalogue(size_t *n);

/* By its name, or by the name of its file; NULL when it is not known. */
const struct nvc_catalogue_entry *nvc_catalogue_find(const char *name);
const struct nvc_catalogue_entry *nvc_catalogue_of_file(const char *path);

/* The common names the atlas knows; returns how many. */
size_t nvc_catalogue_aliases(const struct nvc_catalogue_entry *e, struct nvc_alias aliases[static 4]);

/* The first of the entry's files (or, with `labels`, its label table) below one of the roots; *path is NULL when there is
 * none, else the caller's. */
int nvc_catalogue_locate(const struct nvc_catalogue_entry *e, int labels, const struct nvc_list *roots, char **path,
                         struct nvc_error *err) NVC_CHECKED;

extern const struct nvc_column nvc_catalogue_columns[];
/* One row an atlas: what it has, where it was found, its terms. */
int nvc_catalogue_write(struct nvc_text *out, const struct nvc_list *roots, struct nvc_error *err) NVC_CHECKED;

#endif
