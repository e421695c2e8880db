/* Preloaded into linux.uml, so that it runs where the processor has a larger state than
 * it knows: with AMX that is 11 KiB. User-mode-linux 6.1 keeps the first 2.7 KiB of it
 * (HOST_FP_SIZE in arch/x86/um), and Linux since 5.14 takes a whole state or none:
 * PTRACE_SETREGSET gives EFAULT (xstateregs_set() in arch/x86/kernel/fpu/regset.c), and
 * user-mode-linux panics in its first process. Here what it sets is laid over what the
 * process has: nobody in the VM uses the rest.
 *
 * Beside it: run, which preloads it. */
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef long ptrace_fn(enum __ptrace_request request, ...);

static ptrace_fn *real_ptrace;
/* Not on the stack, which is a kernel's and small. There is one thread. */
static char state[65536];

__attribute__((constructor)) static void find_ptrace(void)
{
	real_ptrace = (ptrace_fn *)dlsym(RTLD_NEXT, "ptrace");
}

static long get_state(pid_t pid, void *type, struct iovec *part)
{
	struct iovec whole = {.iov_base = state, .iov_len = sizeof(state)};
	long rc = real_ptrace(PTRACE_GETREGSET, pid, type, &whole);

	if (rc)
		return rc;
	if (part->iov_len > whole.iov_len)
		part->iov_len = whole.iov_len;
	memcpy(part->iov_base, state, part->iov_len);
	return 0;
}

static long set_state(pid_t pid, void *type, const struct iovec *part)
{
	struct iovec whole = {.iov_base = state, .iov_len = sizeof(state)};
	long rc = real_ptrace(PTRACE_GETREGSET, pid, type, &whole);

	if (rc)
		return rc;
	memcpy(state, part->iov_base,
	       part->iov_len < whole.iov_len ? part->iov_len : whole.iov_len);
	return real_ptrace(PTRACE_SETREGSET, pid, type, &whole);
}

__attribute__((visibility("default"))) long ptrace(enum __ptrace_request request, ...)
{
	va_list args;
	pid_t pid;
	void *address, *data;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	address = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	if (address == (void *)NT_X86_XSTATE && request == PTRACE_GETREGSET)
		return get_state(pid, address, data);
	if (address == (void *)NT_X86_XSTATE && request == PTRACE_SETREGSET)
		return set_state(pid, address, data);
	return real_ptrace(request, pid, address, data);
}
