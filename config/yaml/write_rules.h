/* A draft against the rules of what can never work. Private to config/yaml/. */
#ifndef CONFIG_WRITE_RULES_H
#define CONFIG_WRITE_RULES_H 1

#include "config/yaml/write_draft.h"

/* Leaves out what breaks a rule (valid_check_model()), until nothing does. */
void write_rules_obey(struct draft *d);

#endif
