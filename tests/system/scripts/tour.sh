# A tour of the shell and its usual company.
#
# Called as `sh ./tour.sh` in an otherwise empty folder, with LC_ALL=C, TZ=UTC0, umask 022 and nothing but dash and
# busybox in PATH.  What it prints on standard output and on standard error, and its status, must be the same on
# Portico and on the build machine; so nothing here depends on process numbers, times, inode numbers or speed.

title() {
    printf '\n== %s\n' "$*"
}

say() {
    printf '%s: [%s]\n' "$1" "$2"
}

# ---------------------------------------------------------------------------------------------------------------------
title "functions"

factorial() {
    if [ "$1" -le 1 ]; then
        echo 1
    else
        echo $(($1 * $(factorial $(($1 - 1)))))
    fi
}
say "10!" "$(factorial 10)"

scope() {
    local inner=changed
    outer=changed
    return 7
}
inner=kept outer=kept
scope
say "status of a function" $?
say "local" "$inner"
say "global" "$outer"

count_arguments() { echo $#; }
set -- "a b" c ""
say "quoted" "$(count_arguments "$@")"
say "unquoted" "$(count_arguments $@)"
say "joined" "$(IFS=,; echo "$*")"
shift 2
say "after shift" "$#"

# ---------------------------------------------------------------------------------------------------------------------
title "here-documents"

animal=cat
cat <<END
expanded: $animal $(echo inside) $((6 * 7)) \$escaped
END
cat <<'END'
literal: $animal $(echo inside) `echo ticks`
END
cat <<-END
	tabs are stripped, $animal
	END
cat <<ONE; cat <<TWO
first
ONE
second
TWO
while read -r left right; do
    say "$left" "$right"
done <<END
one rest of the line
two   spaced   out
three\nkept
END

# ---------------------------------------------------------------------------------------------------------------------
title "expansion"

unset nothing
empty=
path=/usr/local/lib/libportico.so.1
say "default" "${nothing:-default}"
say "assigned" "${nothing:=assigned} $nothing"
say "alternative" "${nothing:+alternative}"
say "empty, colon" "${empty:-was empty}"
say "empty, no colon" "${empty-was unset}"
say "length" "${#path}"
say "base" "${path##*/}"
say "folder" "${path%/*}"
say "shortest prefix" "${path#*/}"
say "longest suffix" "${path%%.*}"
say "nested" "$(echo "$(echo "$(echo deep)")")"
say "backquotes" "`echo \`echo ticks\``"
say "no trailing newlines" "$(printf 'x\n\n\n')"
say "quotes in substitution" "$(printf '%s|' "a  b" 'c"d' e\ f)"
say "tilde with HOME" "$(HOME=/home/guest; echo ~)"
(echo "${missing:?is required}") || say "status of a required variable" $?

# ---------------------------------------------------------------------------------------------------------------------
title "arithmetic"

say "precedence" "$((2 + 3 * 4 - 10 / 3 % 2))"
say "bits" "$((0xff & ~0x0f | 1 << 10 ^ 3))"
say "octal" "$((0777))"
say "comparison" "$((3 < 5))$((5 <= 4))$((4 == 4))$((4 != 4))"
say "logic" "$((1 && 0))$((1 || 0))$((!5))"
say "conditional" "$((7 > 3 ? 10 : 20))"
i=5
say "assignment" "$((i += 3)) $i $((i *= 2)) $i"
say "64 bits" "$((9223372036854775807)) $((1 << 62))"
i=0 sum=0
while [ $i -lt 100 ]; do
    i=$((i + 1))
    [ $((i % 2)) -eq 0 ] && continue
    [ $i -gt 50 ] && break
    sum=$((sum + i))
done
say "odd numbers to 50" "$sum"

# ---------------------------------------------------------------------------------------------------------------------
title "case, for, until"

kind() {
    case $1 in
    [0-9] | [0-9][0-9]) echo "small number" ;;
    [!a-z]*) echo "no lower-case letter first" ;;
    *.tar.gz) echo archive ;;
    "a b") echo "with a blank" ;;
    \*) echo star ;;
    ?) echo "one letter" ;;
    *) echo other ;;
    esac
}
for word in 7 42 Hello x.tar.gz "a b" q '*' word; do
    say "$word" "$(kind "$word")"
done
countdown=3
until [ $countdown -eq 0 ]; do
    printf '%d ' $countdown
    countdown=$((countdown - 1))
done
echo lift-off
for outer in 1 2 3; do
    for inner in a b c; do
        [ $inner = b ] && continue 2
        [ $outer = 3 ] && break 2
        printf '%s%s ' $outer $inner
    done
done
echo

# ---------------------------------------------------------------------------------------------------------------------
title "getopts"

options() {
    OPTIND=1
    while getopts :ab:c option "$@"; do
        case $option in
        a | c) printf 'flag %s\n' "$option" ;;
        b) printf 'b with %s\n' "$OPTARG" ;;
        :) printf '%s lacks its argument\n' "$OPTARG" ;;
        \?) printf 'unknown %s\n' "$OPTARG" ;;
        esac
    done
    shift $((OPTIND - 1))
    printf 'left: %s\n' "$*"
}
options -a -b value -ca rest of it
options -bjoined -x -- -a
options -b

# ---------------------------------------------------------------------------------------------------------------------
title "redirections"

echo first > file
echo second >> file
echo clobbered >| other
cat < file
{ echo to-out; echo to-err >&2; } > out 2> err
say out "$(cat out)"
say err "$(cat err)"
{ echo both-out; echo both-err >&2; } > both 2>&1
sort both
exec 3> third 4< file
echo through-three >&3
read -r line <&4
say "descriptor 4" "$line"
read -r line <&4
say "descriptor 4 again" "$line"
exec 3>&- 4<&-
cat third
echo "into the void" > /dev/null
echo 0123456789 > random
exec 5<> random
read -r line <&5
echo appended >&5
exec 5>&-
cat random
(echo closed >&7) 2>/dev/null || say "closed descriptor" failed
cat < no-such-file || say "missing file" $?
{ ls no-such-file; } 2> err || say "ls" $?
cat err
set -C
echo never > file || say "noclobber" $?
set +C
swap() { echo o; echo e >&2; }
{ swap 3>&1 1>&2 2>&3 3>&- | sed 's/^/swapped: /'; } 2>&1 | sort

# ---------------------------------------------------------------------------------------------------------------------
title "pipelines"

seq 1 1000 | grep 7 | sed 's/7/seven/g' | sort -r | head -n 5
printf '%s\n' pear apple fig apple pear apple | sort | uniq -c | sort -rn | awk '{ print $2 "=" $1 }' | tr '\n' ' '
echo
yes | head -n 70000 | wc -l | tr -d ' '
false | true
say "status of a pipeline" $?
! true
say "negated" $?
echo stream | tee copy1 copy2 | cat - copy1 > joined
say tee "$(cat joined copy2 | tr '\n' ',')"
seq 100 | (
    read -r first
    say "sub-shell reads" "$first"
    tail -n 1
)

# ---------------------------------------------------------------------------------------------------------------------
title "background jobs and wait"

(exit 3) &
wait $!
say "waited for" $?
for n in 1 2 3 4 5; do
    (echo "job $n" > "job.$n") &
done
wait
cat job.1 job.2 job.3 job.4 job.5
{ sleep 1; echo "slow one" >> order; } &
echo "quick one" >> order
wait
cat order
sleep 60 &
kill -TERM $!
wait $! 2>/dev/null
say "killed" $?

# ---------------------------------------------------------------------------------------------------------------------
title "trap and signals"

trap 'echo caught USR1' USR1
kill -USR1 $$
echo "after the signal"
trap '' USR1
kill -USR1 $$
echo "ignored"
trap - USR1
(trap 'echo leaving the sub-shell' EXIT; echo inside)
(trap 'echo cleaned up; exit 9' TERM; sh -c 'kill -TERM $PPID'; echo not reached)
say "status from a trap" $?
sh -c 'kill -KILL $$' 2>/dev/null
say "killed shell" $?
sh -c 'trap "echo got INT" INT; kill -INT $$; echo goes on'

# ---------------------------------------------------------------------------------------------------------------------
title "globs"

mkdir globs
for name in alpha beta gamma .hidden 'with space' file1 file2 file10 '[odd]'; do
    : > "globs/$name"
done
(
    cd globs || exit
    echo *
    echo file?
    echo file[!2]
    echo .h*
    echo [a-b]*
    echo no-match-*
    echo "*" '*' \*
    set -f
    echo *
)
for entry in globs/*' '*; do say "with a space" "$entry"; done

# ---------------------------------------------------------------------------------------------------------------------
title "set -e, set -u, sub-shells, groups"

(
    set -e
    false || echo "a tested failure is none"
    if false; then :; fi
    ! true
    echo "still here"
    false
    echo "never printed"
)
say "set -e" $?
(set -u; echo "$never_set"; echo "never printed")
say "set -u" $?
variable=outside
(variable=inside; cd /; umask 077)
say "sub-shell" "$variable $(umask) ${PWD##*/}" | sed "s,${PWD##*/},here,"
{ variable=grouped; }
say "group" "$variable"
sh -c 'echo "$0 has $# arguments: $*"' name one two
eval 'say "eval" "$((1 + 1))"'
echo 'say "sourced" "$1"' > sourced.sh
. ./sourced.sh
command -v echo cat_that_is_not_there
not_a_command 2> err || say "no such command" $?
cat err
: > not-executable
./not-executable 2> err || say "not executable" $?
cat err
printf '#!/no/such/interpreter\n' > lost; chmod +x lost
./lost 2> err || say "lost interpreter" $?

# ---------------------------------------------------------------------------------------------------------------------
title "FIFOs"

mkfifo channel
[ -p channel ] && echo "it is a FIFO"
(seq 1 20 > channel) &
sum=0
while read -r n; do sum=$((sum + n)); done < channel
wait
say "sum through a FIFO" "$sum"
cat channel &
echo "written before read" > channel
wait
mkfifo back
(while read -r request; do echo "answer to $request"; done < channel > back) &
exec 8> channel 9< back
echo question >&8
read -r answer <&9
say "both ways" "$answer"
exec 8>&- 9<&-
wait

# ---------------------------------------------------------------------------------------------------------------------
title "files"

mkdir -p tree/one/two tree/three
echo content > tree/one/file
ln tree/one/file tree/hard
ln -s one/file tree/soft
ln -s nowhere tree/dangling
echo more >> tree/hard
say "through both links" "$(cat tree/soft | tr '\n' ' ')"
say "readlink" "$(readlink tree/soft)"
say "link count" "$(stat -c %h tree/one/file)"
[ tree/hard -ef tree/one/file ] && echo "the same file"
[ -L tree/dangling ] && [ ! -e tree/dangling ] && echo "it dangles"
chmod 640 tree/one/file
say "mode" "$(stat -c '%a %A %F %s' tree/one/file)"
chmod u+x,g=,o+r tree/one/file
say "symbolic mode" "$(stat -c %a tree/one/file)"
(umask 027; : > masked; mkdir masked.d; stat -c '%a %n' masked masked.d)
cp -R tree copy
diff -r tree copy && echo "copied alike"
mv copy/three copy/four
ls -1 copy
rmdir copy/one 2>/dev/null || say "rmdir of a full folder" $?
rm -r copy
[ -d copy ] || echo "it is gone"
touch -d '2024-02-29 12:34:56' dated
say "time" "$(stat -c %y dated | cut -c 1-19) $(date -r dated +%s)"
dd if=/dev/zero of=sparse bs=1 seek=10000 count=1 2>/dev/null
say "size" "$(wc -c < sparse | tr -d ' ')"
[ dated -ot sparse ] && echo "older"
basename /a/b.c .c; dirname /a/b.c
say "test" "$([ -f file ] && [ -s file ] && [ -r file ] && [ ! -d file ] && echo yes)"

# ---------------------------------------------------------------------------------------------------------------------
title "find and xargs"

find tree | sort
find tree -type f -name 'f*' | sort | xargs wc -c | awk '{ print $1, $2 }'
find tree -type l | sort | xargs -n 1 readlink
find . -name 'job.?' -size -2 -print0 | sort -z | xargs -0 cat
seq 1 25 | xargs -n 10 echo
find tree -type d -exec test -e {}/file \; -print
printf '%s\n' a b c | xargs -I @ echo "<@>"

# ---------------------------------------------------------------------------------------------------------------------
title "sed"

seq 1 10 > numbers
sed -n '2,4p;$p' numbers
sed -e '1d' -e 's/\(.\)\(.\)/\2\1/' -e '/^[3-8]$/d' numbers
sed -n 'N;s/\n/+/;p' numbers
sed 's/[0-9]/<&>/g;y/12/ab/' numbers | head -n 3
printf 'one two\nthree four\n' | sed -E 's/(\w+) (\w+)/\2 \1/; a\
appended'
sed -n '/3/,/5/{=;p;}' numbers
sed -i 's/^7$/seven/' numbers && sed -n 7p numbers
sed ':join;$!{N;b join;};s/\n/ /g' numbers

# ---------------------------------------------------------------------------------------------------------------------
title "awk"

cat > people <<'END'
ada:36:london
grace:85:new york
alan:41:london
edsger:72:nuenen
END
awk -F: '{ total += $2; by[$3]++ } END { print total, total / NR; for (c in by) n++; print n, by["london"] }' people
awk -F: '$2 > 40 { printf "%-8s|%5d|%6.2f\n", toupper($1), $2, $2 / 7 }' people
awk 'BEGIN { s = "hello world"; gsub(/o/, "0", s); print s, length(s), substr(s, 1, 5), index(s, "w") }'
awk 'BEGIN { while (i++ < 3) print i * i | "sort -r"; close("sort -r"); print "done" }'
awk 'function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } BEGIN { print fib(18) }'
awk -v name=value 'BEGIN { print name, ENVIRON["TZ"]; n = split("a,b,c", parts, ","); print n, parts[3]; exit 4 }'
say "status of awk" $?
awk 'NR % 2 { next } { print NR ": " $0 }' people

# ---------------------------------------------------------------------------------------------------------------------
title "sort, uniq, cut, tr, and the rest"

printf '%s\n' 10 9 2 33 1 2 | sort -n | uniq -d
sort -t: -k3,3 -k2,2nr people
sort -u -r <<END
b
a
b
c
END
cut -d: -f1,3 people
cut -c2-4 people
echo "Hello, World" | tr 'A-Za-z' 'N-ZA-Mn-za-m' | tr -s l | tr -cd 'a-zA-Z\n'
grep -n -i 'LONDON' people; grep -v -c london people; grep -E '^(ada|alan):' people; grep -q nobody people || echo "none"
head -c 5 people; echo; tail -n +4 people
expr 3 + 4 \* 2; expr "portico" : 'port\(.*\)'; expr length word
od -An -tx1 -c sparse | head -n 2
printf '%05.1f|%-6s|%x|%o|%c|%b|%%\n' 3.14159 left 255 8 char 'tab\there'
echo "same" > s1; echo "same" > s2; echo "other" > s3
cmp s1 s2 && cmp s1 s3
diff s1 s3
diff -u people s1 | tail -n +3
md5sum s1; sha256sum s1
date -u -d @86400 '+%Y-%m-%d %H:%M:%S %j %a'
env -i A=1 B=2 env | sort
which sh > /dev/null && echo "which finds sh"
test -t 0 || echo "standard input is no terminal"
mktemp -d made.XXXXXX | sed 's/\......./.random/'
printf 'a\nb\n' > old; printf 'a\nc\n' > new
diff -u old new | sed '1,2s/\t.*//' > change; patch old < change; cat old
nohup echo "not hung up" 2>/dev/null

# ---------------------------------------------------------------------------------------------------------------------
title "tar and gzip"

tar -cf - tree | gzip -9 > tree.tar.gz
gzip -t tree.tar.gz && echo "whole"
gzip -dc tree.tar.gz | tar -tf - | sort
mkdir unpacked
gzip -dc < tree.tar.gz | tar -xf - -C unpacked
diff -r tree unpacked/tree && echo "the same tree"
say "links survive" "$(readlink unpacked/tree/soft) $(stat -c '%a %h' unpacked/tree/hard)"
seq 1 20000 > big; gzip big; ls big.gz; gunzip big.gz; md5sum big; tail -n 1 big

# ---------------------------------------------------------------------------------------------------------------------
title "the end"

echo "this goes to standard error" >&2
trap 'status=$?; echo "farewell, $status"; exit $((status + 1))' EXIT
exit 41
