/* Where things are. */
#ifndef _PATHS_H_
#define _PATHS_H_

#define _PATH_BSHELL "/bin/sh"
#define _PATH_CONSOLE "/dev/console"
#define _PATH_DEV "/dev/"
#define _PATH_DEVNULL "/dev/null"
#define _PATH_DEFPATH "/bin:/usr/bin"
#define _PATH_STDPATH "/bin:/usr/bin"
#define _PATH_GROUP "/etc/group"
#define _PATH_MOUNTED "/proc/mounts"
#define _PATH_PASSWD "/etc/passwd"
#define _PATH_SHELLS "/etc/shells"
#define _PATH_TMP "/tmp/"
#define _PATH_TTY "/dev/tty"
#define _PATH_VI "/bin/vi"

#endif
