/* What nvc-group says of itself beside its options. */
#ifndef NVC_CMD_NVC_GROUP_TEXT_H
#define NVC_CMD_NVC_GROUP_TEXT_H

#include "cli/cmd.h"

extern const char *const nvc_group_description[];
extern const struct nvc_section nvc_group_sections[];
extern const struct nvc_example nvc_group_examples[];
extern const char *const nvc_group_references[];

#endif
