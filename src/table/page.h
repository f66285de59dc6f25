/* One HTML page that holds all it needs: tables, pictures as data, style for screen and print, no script, nothing fetched.
 *
 * It is XML as well as HTML.  Text is escaped; bytes that are no UTF-8 and control characters, which neither allows, become U+FFFD. */
#ifndef NVC_TABLE_PAGE_H
#define NVC_TABLE_PAGE_H

#include "base/status.h"
#include "base/text.h"
#include "table/cells.h"

/* Each appends to out.  Begin and end surround the rest. */
int nvc_page_begin(struct nvc_text *out, const char *title, struct nvc_error *err) NVC_CHECKED;
int nvc_page_end(struct nvc_text *out, struct nvc_error *err) NVC_CHECKED;

/* <tag class="class">text</tag>; class NULL: none.  Tags: h1 h2 h3 p pre li. */
int nvc_page_text(struct nvc_text *out, const char *tag, const char *class_name, const char *text, struct nvc_error *err) NVC_CHECKED;

/* Cells with their header, a row of it and the first column, both named as such to screen readers.  pass, flag and fail get their
 * colours; columns of numbers stand right. */
int nvc_page_table(struct nvc_text *out, const struct nvc_cells *c, const char *caption, struct nvc_error *err) NVC_CHECKED;

/* n bytes of a picture, mime "image/png" or "image/svg+xml"; shown as an image, so a script inside never runs. */
int nvc_page_picture(struct nvc_text *out, const char *mime, const char *bytes, size_t n, const char *caption,
                     struct nvc_error *err) NVC_CHECKED;

#endif
