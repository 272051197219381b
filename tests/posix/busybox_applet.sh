# Runs the tests that busybox's testsuite has for one applet.  The lines above this one set `applet` and `suite`, the
# testsuite's folder; `.config` and `echo-ne` lie in it.
#
# The testsuite's own runtest would first make a folder of links to busybox; here PATH consists of such links already.
cd "$suite" || exit 1
export tsdir="$suite" bindir="$suite" ECHO="$suite/echo-ne" VERBOSE=1
OPTIONFLAGS=:$(sed -n 's/^CONFIG_\(.*\)=.*/\1/p' .config | tr '\n' ':')
export OPTIONFLAGS
PATH=$suite:$PATH

# A script in the folder APPLET/, each command of which has to succeed.
run_script() {
    name=${1##*/}
    for option in $(sed -n 's/^# FEATURE: //p' "$1"); do
        if grep -q "^# $option is not set\$" .config; then
            echo "UNTESTED: $name"
            return
        fi
    done
    rm -rf ".tmpdir.$applet"
    mkdir ".tmpdir.$applet"
    if (cd ".tmpdir.$applet" && d=$suite exec sh -x -e "$1") > ".output.$applet" 2>&1; then
        echo "PASS: $name"
    else
        cat ".output.$applet"
        echo "FAIL: $name"
    fi
    rm -rf ".tmpdir.$applet" ".output.$applet"
}

for script in "$suite/$applet"/*; do
    [ -f "$script" ] && run_script "$script"
done
[ -f "$applet.tests" ] && sh "./$applet.tests"
exit 0
