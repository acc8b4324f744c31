#!/bin/sh
# Keeps the daemon running: starts COMMAND, and again when it ends by accident. Runs in a session of its own.
# usage: supervisor.sh HOME COMMAND...
#
# Exit codes of COMMAND: 0 stopped on purpose, 3 refused to start (the reason is in daemon.err); both end this script,
# as does the removal of HOME/wanted. Delays and limits are variables so that tests need not wait.

home=$1
shift
errors=$home/daemon.err
delays=${INTERCHANGE_RESTART_DELAYS:-1 5 30 300}
steady_seconds=${INTERCHANGE_STEADY_SECONDS:-600}
errors_limit_bytes=${INTERCHANGE_ERRORS_LIMIT_BYTES:-1048576}

cd / || exit 5
# Else the JVM can't name files with letters beyond ASCII, and no option changes that. Jobs have their run's variables.
[ "$(locale charmap 2>/dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8
# A login that ends sends HUP; the daemon inherits that it is ignored.
trap '' HUP

child=
ending=
trap 'ending=yes; if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null; fi' TERM INT

bound_errors() {
    if [ -f "$errors" ] && [ "$(wc -c <"$errors")" -gt "$errors_limit_bytes" ]; then
        mv -f "$errors" "$errors.1"
    fi
}

remaining=$delays
while :; do
    bound_errors
    started=$(date +%s)
    "$@" </dev/null >>"$errors" 2>&1 &
    child=$!
    wait "$child"
    status=$?
    # A signal to us ends the wait, not the daemon.
    while kill -0 "$child" 2>/dev/null; do
        wait "$child"
        status=$?
    done
    child=

    case $status in
    0 | 3) exit "$status" ;;
    esac
    if [ -n "$ending" ]; then exit "$status"; fi

    # One that ran for long has earned a quick restart.
    if [ $(($(date +%s) - started)) -ge "$steady_seconds" ]; then remaining=$delays; fi
    delay=${remaining%% *}
    case $remaining in
    *' '*) remaining=${remaining#* } ;;
    esac
    echo "supervisor: $(date '+%Y-%m-%d %H:%M:%S') the daemon ended with status $status, starting it again in $delay s" >>"$errors"
    sleep "$delay" &
    child=$!
    wait "$child"
    child=
    if [ -n "$ending" ]; then exit "$status"; fi
    if [ ! -e "$home/wanted" ]; then exit 0; fi
done
