#!/bin/sh
# Watches over the worker of one node and outlives it.
#
#   keeper.sh BLOCK_DIR RANK COMMAND...
#
# Starts COMMAND, the worker, with `--start N` behind it, in a session of its own; its words go to
# BLOCK_DIR/worker.RANK.log. A worker that ends with 0 has left in order, and so do we. After any other end everything
# that carries the worker's token in its environment, or its mark, is killed, until nothing is left, and only then another
# is started: the daemon relies on it that start N+1 says that start N and its jobs are dead. TERM is handed on, and so is
# USR1 as TERM, since srun hands on no TERM. A worker that is still there when its lease is over (it is stopped, or stuck)
# is killed: its jobs would run on, and be given to another. The next is told that it ended fenced (FENCED), as if it had
# seen so itself: its jobs did not kill it.
#
# The mark is a limit on real-time CPU time that is too high to limit anything: 19 digits, and in microseconds. It goes to
# all descendants, can't be raised by them, and outlives an emptied environment, a new session and an exec. Its digits: 1
# of depth (a keeper within a job of another can only go lower), 10 of the block's token (localbatch.sh finds them), and 8
# of chance.
#
# Ends with 0 when the worker left in order or when told to end, with 1 when it ended otherwise too often; and leaves that
# in BLOCK_DIR/kept.RANK, for those who can't wait for us.
set -u

RESTARTS_MAX=3
RESTARTS_SECONDS=3600
# More than a worker allows itself for leaving.
LEAVING_TICKS=150
TICK_SECONDS=0.2
LEASE_LOOK_SECONDS=1
TOKEN_LENGTH=32
DEPTH_MAX=8
# The exit code of a worker whose lease was over.
FENCED=75

[ "$#" -ge 3 ] || {
    echo "usage: keeper.sh BLOCK_DIR RANK COMMAND..." >&2
    exit 2
}
log=$1/worker.$2.log
kept=$1/kept.$2
shift 2
rm -f "$kept"

# Until there is something to end. LSF sends USR2 to our whole process group when the block's time is over.
told=
trap 'told=1' TERM INT HUP USR1 USR2

worker=
watcher=
token=
mark=
start=0
restarts=
# How the worker before ended.
before=
born=$(date +%s)

say() {
    echo "$(date '+%Y-%m-%dT%H:%M:%S') keeper: $*" >>"$log"
}

finish() {
    { echo "$1" >"$kept"; } 2>/dev/null
    exit "$1"
}

# Processes of the present worker, itself and its jobs and theirs. We carry neither token nor mark ourselves: they are
# set for the worker alone.
carriers() {
    {
        grep -lsF "INTERCHANGE_WORKER_TOKEN=$token" /proc/[0-9]*/environ
        [ -z "$mark" ] || grep -lsE "^Max realtime timeout +$mark " /proc/[0-9]*/limits
    } | cut -d / -f 3 | sort -u | while read -r pid; do
        if is_alive "$pid"; then
            echo "$pid"
        fi
    done
}

# Zombies don't count: in a container there may be nobody who takes them away. Their threads do.
is_alive() {
    for thread in "/proc/$1/task"/*/stat; do
        { read -r stat <"$thread"; } 2>/dev/null || continue
        case ${stat##*) } in
            [ZX]*) ;;
            *) return 0 ;;
        esac
    done
    return 1
}

# Kills until none is left. Looks twice: a process that was just being started may be missed once. What is stuck in the
# kernel is waited for: it may still write.
sweep() {
    clean=0
    while [ "$clean" -lt 2 ]; do
        pids=$(carriers)
        if [ -z "$pids" ]; then
            clean=$((clean + 1))
        else
            clean=0
            for pid in $pids; do
                # Its group as well: a job may have started something with an emptied environment.
                kill -s KILL -- "-$pid" 2>/dev/null
                kill -s KILL "$pid" 2>/dev/null
            done
        fi
        sleep 0.05
    done
}

# The worker shows in its process name until when it may live, in seconds of /proc/uptime.
watch_lease() {
    trap - TERM INT HUP USR1 USR2
    while sleep "$LEASE_LOOK_SECONDS"; do
        read -r word until 2>/dev/null <"/proc/$1/comm" || return
        [ "$word" = until ] || continue
        read -r uptime _ </proc/uptime
        if [ "${uptime%.*}" -gt "$until" ]; then
            say "the worker did not end with its lease: killing it"
            kill -s KILL "$1" 2>/dev/null || return
            exit "$FENCED"
        fi
    done
}

end_worker() {
    kill -s TERM "$worker" 2>/dev/null
    ticks=$LEAVING_TICKS
    while [ "$ticks" -gt 0 ] && is_alive "$worker"; do
        sleep "$TICK_SECONDS"
        ticks=$((ticks - 1))
    done
    kill -s KILL "$worker" 2>/dev/null
}

# shellcheck disable=SC2329 # by the trap
on_signal() {
    trap '' TERM INT HUP USR1 USR2
    told=1
    [ -z "$worker" ] || end_worker
}

# The digits of a text, which two that differ hardly share.
digits_of() {
    printf '%s' "$1" | cksum | cut -d ' ' -f 1
}

# Empty where no limits can be set, or no lower one: there the token alone has to do.
draw_mark() {
    mark=
    present=$(sed -n 's/^Max realtime timeout *[^ ]* *\([^ ]*\) .*/\1/p' /proc/self/limits)
    case $present in
        unlimited) depth=$DEPTH_MAX ;;
        [2-8]??????????????????) depth=$((${present%??????????????????} - 1)) ;;
        *) return ;;
    esac
    chance=$((0x$(printf '%.7s' "$token") % 100000000))
    mark=$(printf '%d%010d%08d' "$depth" "$(digits_of "${INTERCHANGE_BLOCK_TOKEN:-$token}")" "$chance")
    prlimit --rttime="$mark" true 2>/dev/null || mark=
}

start_worker() {
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    # With a token that is empty or short the sweep would find processes that are not ours.
    if [ "${#token}" -ne "$TOKEN_LENGTH" ]; then
        say "no token can be drawn from /dev/urandom: giving up"
        finish 1
    fi
    draw_mark
    [ -n "$mark" ] || say "the worker can't be marked: of its jobs, those that empty their environment may outlive it"
    start=$((start + 1))
    started=$(date +%s)
    worker=
    INTERCHANGE_WORKER_TOKEN=$token ${mark:+prlimit --rttime="$mark"} setsid "$@" \
        --start "$start" --elapsed "$((started - born))" ${before:+--before "$before"} </dev/null >>"$log" 2>&1 &
    worker=$!
    watch_lease "$worker" &
    watcher=$!
    # Told between the two lines above.
    [ -z "$told" ] || end_worker
}

# Sets code. A signal of ours interrupts `wait`, and the worker is there for another; 127 is what some shells say of one
# whose end they have told before.
await_worker() {
    code=127
    while :; do
        wait "$worker"
        now=$?
        [ "$now" -ne 127 ] || return
        code=$now
        [ "$now" -gt 128 ] && [ -e "/proc/$worker" ] || return
    done
}

# Whether it may be started again, counting it.
count_restart() {
    now=$(date +%s)
    recent=
    number=0
    for time in $restarts; do
        if [ "$((now - time))" -lt "$RESTARTS_SECONDS" ]; then
            recent="$recent $time"
            number=$((number + 1))
        fi
    done
    restarts="$recent $now"
    [ "$number" -lt "$RESTARTS_MAX" ]
}

# A JVM can't name files with letters beyond ASCII else. Jobs have the environment of their run, not ours.
[ "$(locale charmap 2>/dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8

trap on_signal TERM INT HUP USR1 USR2
while [ -z "$told" ]; do
    start_worker "$@"
    await_worker
    worker=
    # Its watcher, if that has ended it, is at its own end by now.
    sweep
    kill -s KILL "$watcher" 2>/dev/null
    wait "$watcher" 2>/dev/null
    [ "$?" -ne "$FENCED" ] || code=$FENCED
    before=$code
    [ -z "$told" ] || break
    [ "$code" -ne 0 ] || break
    if ! count_restart; then
        say "the worker ended with $code, once more than $RESTARTS_MAX times within $RESTARTS_SECONDS s: giving up"
        finish 1
    fi
    say "the worker ended with $code; it and its jobs are dead, starting another"
    # One that can't start at all is not tried in a frenzy.
    [ "$(($(date +%s) - started))" -gt 5 ] || sleep 1
done
finish 0
