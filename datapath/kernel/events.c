#include "datapath/kernel/kernel.h"
struct err *events_open(struct kernel *k)
{
	(void)k;
	return NULL;
}
void events_close(struct kernel *k)
{
	(void)k;
}
void kernel_drain(struct datapath *dp, datapath_event_fn *fn, void *aux)
{
	(void)dp;
	(void)fn;
	(void)aux;
}
void events_note_name(struct kernel *k, const char *name)
{
	(void)k;
	(void)name;
}
