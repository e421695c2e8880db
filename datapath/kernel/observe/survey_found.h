/* Which devices a survey shows, and under which master. */
#ifndef DATAPATH_KERNEL_OBSERVE_SURVEY_FOUND_H
#define DATAPATH_KERNEL_OBSERVE_SURVEY_FOUND_H 1

#include "datapath/kernel/observe/observe_link.h"

/* One device that a file would have to declare. */
struct survey_found {
	const struct observed_link *link;   /* NULL: a master without slaves */
	const struct observed_link *master; /* NULL: no row can declare the device */
	bool is_ours;
};

/* Of all links of 'o', which were dumped; those of one master follow each other, the
 * first of them the one whose kind and mode are those of the row. From the arena. */
struct survey_found *survey_found_all(const struct observation *o,
				      enum datapath_survey_use use, size_t *ret_n);
/* The end of the group that begins at 'i'. */
size_t survey_found_end(const struct survey_found *found, size_t n, size_t i);

#endif
