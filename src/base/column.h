/* One column of a table that travels: the TSV header, its JSON sidecar, the man page and
 * nvc-tables(5) are all made from arrays of these, which end with a NULL name. */
#ifndef NVC_BASE_COLUMN_H
#define NVC_BASE_COLUMN_H

struct nvc_column {
    const char *name;
    const char *unit; /* "s", "%", "mm"; NULL: none */
    const char *help; /* lower case, no full stop */
};

#endif
