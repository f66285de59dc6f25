/* The page of nvc-report, section by section. */
#ifndef NVC_CMD_REPORT_PAGE_H
#define NVC_CMD_REPORT_PAGE_H

#include "cmd/report/files.h"
#include "table/cells.h"

/* A page under construction: the first failure sticks, and what follows it is not written. */
struct report_page {
    struct nvc_text *out;
    struct nvc_error *err;
    int status;
    size_t n_participants;        /* of all tables of indices and quality */
    const char *participant;      /* when there is one */
};

int report_write(struct nvc_text *out, const struct report_files *f, const char *title, struct nvc_error *err) NVC_CHECKED;

/* Sections, each empty without a table of its kind; in report_quality.c, report_group.c and report_tables.c. */
void report_quality(struct report_page *p, const struct report_files *f);        /* of a cohort in numbers, of a person by region */
void report_quality_of_all(struct report_page *p, const struct report_files *f); /* of a cohort by person and region */
void report_group(struct report_page *p, const struct report_files *f, bool asked_for); /* the family of tests, or the other rows */
void report_indices(struct report_page *p, const struct report_files *f);
void report_atlases(struct report_page *p, const struct report_files *f);
void report_others(struct report_page *p, const struct report_files *f);

/* For the sections. */
void report_text(struct report_page *p, const char *tag, const char *text);
void report_table(struct report_page *p, struct nvc_cells *c, const char *caption); /* releases c */
void report_picture(struct report_page *p, const char *mime, const char *bytes, size_t n, const char *caption);
const char *report_cell(const struct nvc_table *t, size_t row, const char *column); /* "n/a" where there is no such column */
double report_real(const struct nvc_table *t, size_t row, const char *column);      /* NaN likewise */
size_t report_count(const struct report_files *f, enum report_kind kind); /* those that hold something */
/* What `column` says in all rows of the kind that say something; "n/a": none does; NULL: no row, or rows differ. */
const char *report_common(const struct report_files *f, enum report_kind kind, const char *column);
void report_joined(char *out, size_t size, const char *const *words, size_t n); /* by blanks, n/a and NULL left out */
void report_interval_text(char out[static 112], double v, double low, double high); /* "0.31 [0.12, 0.50]" */

/* A table under construction: heads first, which count the columns, then the cells. */
void report_head(struct report_page *p, struct nvc_cells *c, const char *name);
void report_header(struct report_page *p, struct nvc_cells *c, const char *const *names); /* ends with NULL */
void report_put(struct report_page *p, struct nvc_cells *c, const char *text);
void report_number(struct report_page *p, struct nvc_cells *c, double v, int digits);
void report_p(struct report_page *p, struct nvc_cells *c, double v);
void report_interval(struct report_page *p, struct nvc_cells *c, double v, double low, double high);
void report_region(struct report_page *p, struct nvc_cells *c, const struct nvc_table *t, size_t row); /* region and side */

#endif
