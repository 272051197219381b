# Each utility that the system promises, once: does it do what it is for?  Prints a line for each that does not.
#
# The status is the number of those.  Runs with the guest's sh; standard input is /dev/null.
failures=0

# is NAME EXPECTED ACTUAL
is() {
    [ "$2" = "$3" ] && return
    printf '%s: expected <%s>, got <%s>\n' "$1" "$2" "$3"
    failures=$((failures + 1))
}
# works NAME COMMAND...: it ends well and says something.
works() {
    name=$1
    shift
    text=$("$@" 2>&1) && [ -n "$text" ] && return
    printf '%s: status %s, said <%s>\n' "$name" "$?" "$text"
    failures=$((failures + 1))
}

mkdir /tmp/utilities && cd /tmp/utilities || exit 99
printf 'pear\napple\nfig\napple\n' >fruit

# Files.
is cat "$(printf 'pear\napple\nfig\napple')" "$(cat fruit)"
cp fruit copy; is cp 0 "$(cmp fruit copy; echo $?)"
mv copy moved; is mv yes "$([ -f moved ] && [ ! -e copy ] && echo yes)"
ln moved hard; ln -s moved soft; is ln 2 "$(stat -c %h moved)"
is readlink moved "$(readlink soft)"
rm moved; is rm no "$([ -e moved ] || echo no)"
mkdir -p a/b; is mkdir yes "$([ -d a/b ] && echo yes)"
rmdir a/b; is rmdir no "$([ -d a/b ] || echo no)"
touch -d '2001-02-03 04:05:06' old; is touch 2001-02-03 "$(date -r old +%F)"
chmod 640 old; is chmod 640 "$(stat -c %a old)"
chown 1000:1000 old; is chown guest:guest "$(stat -c %U:%G old)"
is ls "$(printf 'a\nfruit\nhard\nold\nsoft')" "$(ls)"
is find ./a "$(find . -type d -name a)"
is du 4 "$(du -k fruit | cut -f 1)"
works df df -k /
mkfifo pipe; is mkfifo fifo "$(stat -c %F pipe)"
is mktemp yes "$(f=$(mktemp) && [ -f "$f" ] && rm "$f" && echo yes)"
is dd 4096 "$(dd if=/dev/zero bs=1024 count=4 2>/dev/null | wc -c)"
tar cf all.tar fruit hard && mkdir x && tar xf all.tar -C x; is tar 0 "$(cmp fruit x/fruit; echo $?)"
is gzip pear "$(gzip -c fruit | gunzip | head -n 1)"
sync; is sync 0 $?
works mount mount

# Text.
is head pear "$(head -n 1 fruit)"
is tail apple "$(tail -n 1 fruit)"
is wc 4 "$(wc -l <fruit)"
is sort apple "$(sort fruit | head -n 1)"
is uniq 3 "$(sort fruit | uniq | wc -l)"
is cut ap "$(echo apple | cut -c 1-2)"
is tr PEAR "$(echo pear | tr a-z A-Z)"
is tee 'x x' "$(echo x | tee t | cat - t | xargs)"
is grep 2 "$(grep -c apple fruit)"
is sed peach "$(echo pear | sed 's/r$/ch/')"
is awk 10 "$(seq 4 | awk '{ n += $1 } END { print n }')"
is xargs '1 2 3' "$(seq 3 | xargs)"
is od ' 141' "$(printf a | od -An -b)"
is cmp 1 "$(cmp -s fruit t; echo $?)"
is diff 1 "$(diff fruit t >d; echo $?)"
cp fruit patched; diff -u fruit t | sed 's/^\(---\|+++\) [^ 	]*/\1 patched/' >p; patch patched <p >/dev/null
is patch x "$(cat patched)"
is md5sum 60b725f10c9c85c70d97880dfe8191b3 "$(echo a | md5sum | cut -d ' ' -f 1)"
is sha256sum 87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7 "$(echo a | sha256sum | cut -d ' ' -f 1)"
is more pear "$(more fruit | head -n 1)"
is less pear "$(less fruit | head -n 1)"

# Words and numbers.
is expr 7 "$(expr 3 + 4)"
is test 0 "$(test 1 -lt 2; echo $?)"
is printf 007 "$(printf %03d 7)"
is echo hello "$(echo hello)"
is seq 3 "$(seq 3 | tail -n 1)"
is basename c "$(basename /a/b/c)"
is dirname /a/b "$(dirname /a/b/c)"
is true 0 "$(true; echo $?)"
is false 1 "$(false; echo $?)"
is yes 'y y' "$(yes | head -n 2 | xargs)"

# The system.
is uname Portico "$(uname)"
is hostname portico "$(hostname)"
is id 'uid=0(root) gid=0(root)' "$(id | cut -d ' ' -f 1-2)"
is env value "$(env NAME=value sh -c 'echo $NAME')"
is which /bin/ls "$(which ls)"
is date 1970 "$(date -u -d @0 +%Y)"
is 'date (now)' yes "$([ "$(date +%Y)" -ge 2024 ] && echo yes)"
is sleep 0 "$(sleep 1; echo $?)"
is 'sleep (of fractions)' 0 "$(sleep .2; echo $?)"
is ps yes "$(ps | grep -q '/sbin/init' && echo yes)"
sleep 100 & kill $!; wait $!; is kill 143 $?
is nohup alive "$(nohup echo alive 2>/dev/null)"
is tty 'not a tty' "$(tty)"
works stty sh -c 'stty size </dev/console'
is 'stty (speed)' 115200 "$(stty speed </dev/console)"
works clear env TERM=vt100 clear
works uptime uptime
works free free
works top top -b -n 1
works portstat portstat
is vi changed "$(printf 'old\n' >v; printf ':%%s/old/changed/\n:wq\n' | vi v >/dev/null 2>&1; cat v)"

# What a first boot shows.
for file in passwd group profile hostname motd; do
    [ -s /etc/$file ] || is "/etc/$file" 'a file' 'none'
done
is motd yes "$(grep -q poweroff /etc/motd && echo yes)"
is '/tmp' drwxrwxrwt "$(stat -c %A /tmp)"
is PATH yes "$(case :$PATH: in *:/bin:*) echo yes ;; esac)"
for file in 1/stat 1/status 1/cmdline mounts meminfo stat uptime self/fd; do
    [ -e /proc/$file ] || is "/proc/$file" 'there' 'absent'
done

cd / && rm -r /tmp/utilities
exit $failures
