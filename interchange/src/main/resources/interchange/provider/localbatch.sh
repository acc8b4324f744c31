#!/bin/sh
# The batch system of `local` sites: blocks are processes of this machine.
#
#   localbatch.sh submit DIR NODES TOKEN WALLTIME STOP COMMAND...   prints the block's id
#   localbatch.sh poll   ROOT ID...      prints ID, state, seconds left and a message, tab-separated, for each it knows
#   localbatch.sh cancel ROOT ID...      asks for their end, and returns at once
#   localbatch.sh find   ROOT TOKEN...   prints TOKEN and ID, tab-separated, for each that was submitted
#
# DIR is the block's directory, below ROOT, with keeper.sh in it; COMMAND is the worker's, less its --rank. Where there is
# a block.submit in DIR, that is run and watched over instead of keepers. WALLTIME is in seconds, 0: none. STOP is how
# many seconds keepers have to stop before everything of the block is killed.
#
# All that is known of a block is in its directory, so that nothing needs to stay alive to know it:
#   token        of the block; its processes carry INTERCHANGE_BLOCK_TOKEN=<token>, and those below a worker the mark
#                that keeper.sh makes of it, which an emptied environment does not take away
#   limits       NODES WALLTIME STOP, and the machine's uptime and boot when it was submitted
#   watch.RANK   the process that watches over one node's keeper: pid, start time, boot
#   ended.RANK   the exit code of that keeper
#   cancelled    it was cancelled;  walltime: its time was over
#   ending       the process that is ending it: pid, start time, boot
set -u
umask 077

fail() {
    echo "localbatch: $*" >&2
    exit 1
}

boot() {
    cat /proc/sys/kernel/random/boot_id
}

uptime_seconds() {
    read -r up rest </proc/uptime
    : "$rest"
    echo "${up%.*}"
}

# The start time of a process in ticks; fails when there is none, or only its zombie.
started() {
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The name may hold blanks and brackets: what follows the last one is state and numbers.
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    case $1 in Z | X) return 1 ;; esac
    echo "${20}"
}

# Writes who we are into a file, whole or not at all.
sign() {
    echo "$$ $(started $$) $(boot)" >"$1.new" && mv "$1.new" "$1"
}

# Whether the process that signed a file lives: a pid alone may be another's by now.
signer_lives() {
    [ -r "$1" ] || return 1
    read -r signer_pid signer_start signer_boot <"$1" || return 1
    [ "$signer_boot" = "$(boot)" ] && [ "$(started "$signer_pid")" = "$signer_start" ]
}

# Goes into a block's directory and learns its token, once: the directory may be removed while we are at work, and an
# empty token would be in everything of every block.
go_into() {
    cd "$1" 2>/dev/null || return 1
    block_token=$(cat token 2>/dev/null)
    is_token "$block_token" || return 1
    mark="[1-8]$(printf '%010d' "$(printf '%s' "$block_token" | cksum | cut -d ' ' -f 1)")[0-9]{8}"
}

# Processes of the block.
carriers() {
    {
        grep -lF "INTERCHANGE_BLOCK_TOKEN=$block_token" /proc/[0-9]*/environ
        grep -lE "^Max realtime timeout +$mark " /proc/[0-9]*/limits
    } 2>/dev/null | cut -d / -f 3 | sort -u | while read -r pid; do
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

# All tokens have one length, so none is the beginning of another; a short one is a mistake.
is_token() {
    case $1 in
        *[!A-Za-z0-9_-]*) return 1 ;;
        ????????*) return 0 ;;
        *) return 1 ;;
    esac
}

any_watcher_lives() {
    for file in watch.*; do
        case $file in *.new) continue ;; esac
        signer_lives "$file" && return 0
    done
    return 1
}

id_of_block() {
    if [ -r watch.0 ] && read -r pid start rest <watch.0; then
        : "$rest"
        echo "$(basename "$PWD").$pid.$start"
    else
        echo "$(basename "$PWD").0.0"
    fi
}

submit() {
    dir=$1 nodes=$2 token=$3 walltime=$4 stop=$5
    shift 5
    is_token "$token" || fail "a token has at least 8 letters and digits"
    cd "$dir" || fail "there is no directory $dir"
    if [ -e token ]; then
        # Asked again for the same block: the same answer.
        [ "$(cat token)" = "$token" ] || fail "$dir is another block's"
        id_of_block
        return
    fi
    echo "$nodes $walltime $stop $(uptime_seconds) $(boot)" >limits || fail "can't write in $dir"
    # From here on it can be found.
    echo "$token" >token.new || fail "can't write in $dir"
    mv token.new token || fail "can't write in $dir"
    rank=0
    while [ "$rank" -lt "$nodes" ]; do
        setsid sh "$0" watch "$dir" "$rank" "$@" </dev/null >>block.log 2>&1 &
        rank=$((rank + 1))
    done
    rank=0
    tries=0
    while [ "$rank" -lt "$nodes" ]; do
        if [ -e "watch.$rank" ]; then
            rank=$((rank + 1))
        else
            tries=$((tries + 1))
            [ "$tries" -le 200 ] || fail "node $rank of the block did not start: $(tail -n 3 block.log)"
            sleep 0.05
        fi
    done
    id_of_block
}

# Runs one node's keeper, outlives it, and knows how it ended. A process of its own, in its own session.
watch() {
    go_into "$1" || exit 1
    rank=$2
    shift 2
    keeper=
    told=
    timer=
    trap 'told=1; [ -z "$keeper" ] || kill -TERM "$keeper" 2>/dev/null' TERM
    trap '' HUP INT
    sign "watch.$rank" || exit 1
    read -r nodes walltime rest <limits
    : "$rest"
    if [ -e cancelled ]; then
        echo 0 >"ended.$rank"
        exit 0
    fi
    if [ -e block.submit ]; then
        set -- sh ./block.submit
    else
        set -- sh ./keeper.sh "$PWD" "$rank" "$@" --rank "$rank"
    fi
    INTERCHANGE_BLOCK_TOKEN=$block_token "$@" &
    keeper=$!
    [ -z "$told" ] || kill -TERM "$keeper"
    # On each node, for none is there to the end for sure.
    if [ "$walltime" -gt 0 ]; then
        end_after "$walltime" &
        timer=$!
    fi
    # A signal interrupts `wait`; 127 is what it says of a keeper that it has already told the end of.
    code=127
    while :; do
        wait "$keeper"
        now=$?
        [ "$now" -eq 127 ] || code=$now
        if [ "$now" -eq 127 ] || ! kill -0 "$keeper" 2>/dev/null; then
            break
        fi
    done
    [ -z "$timer" ] || kill -TERM "$timer" 2>/dev/null
    echo "$code" >"ended.$rank.new" && mv "ended.$rank.new" "ended.$rank"
    # The last to leave sweeps: a keeper that was killed has left its worker, and that its jobs.
    other=0
    while [ "$other" -lt "$nodes" ] && [ -e token ]; do
        [ "$other" -eq "$rank" ] || is_over "$other" || exit 0
        other=$((other + 1))
    done
    kill_carriers
}

# Whether a node's keeper has ended; on a full disk it can't be written down.
is_over() {
    [ -e "ended.$1" ] || { [ -e "watch.$1" ] && ! signer_lives "watch.$1"; }
}

end_after() {
    trap '[ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null; exit 0' TERM
    sleeper=
    sleep "$1" &
    sleeper=$!
    wait "$sleeper" || exit 0
    trap '' TERM
    note walltime
    start_end
}

# Why the block ends. On a full disk that is lost, and it ends all the same: a redirection of `:` that fails would end us.
note() {
    (: >"$1") 2>/dev/null
}

# Ends a block in a process of its own, unless one is at it.
start_end() {
    log=block.log
    (: >>block.log) 2>/dev/null || log=/dev/null
    # Nothing of it holds our output open: whoever reads that would wait for the end of the block.
    { signer_lives ending || exec setsid sh "$0" end "$PWD"; } </dev/null >>"$log" 2>&1 &
}

end() {
    go_into "$1" || exit 1
    # On a full disk nobody knows that we are at it: then there may be several of us.
    sign ending
    read -r nodes walltime stop rest <limits
    : "$nodes $walltime $rest"
    any_watcher_lives || terminate_carriers
    for file in watch.*; do
        if signer_lives "$file"; then
            kill -TERM "$signer_pid" 2>/dev/null
        fi
    done
    tries=$((stop * 5))
    while [ "$tries" -gt 0 ] && { any_watcher_lives || [ -n "$(carriers)" ]; }; do
        tries=$((tries - 1))
        sleep 0.2
    done
    for file in watch.*; do
        if signer_lives "$file"; then
            kill -KILL "$signer_pid" 2>/dev/null
        fi
    done
    kill_carriers
}

terminate_carriers() {
    for pid in $(carriers); do
        kill -TERM "$pid" 2>/dev/null
    done
}

# Until none is left: what is being killed may still start others. What can't be killed (it is stuck in the kernel) is
# left to the next poll, for which the block is not over.
kill_carriers() {
    tries=100
    while [ "$tries" -gt 0 ]; do
        pids=$(carriers)
        [ -n "$pids" ] || return 0
        for pid in $pids; do
            kill -KILL "$pid" 2>/dev/null
        done
        tries=$((tries - 1))
        sleep 0.1
    done
}

# The last words of a log, in one line.
last_words() {
    [ -s "$1" ] || return 1
    tail -n 5 "$1" | tail -c 1000 | tr '\t\n\r' '   ' | tr -d '\000-\037'
}

# Why a block that nobody ended is over: prints nothing when all its keepers left in peace.
trouble() {
    rank=0
    while [ "$rank" -lt "$1" ]; do
        code=$(cat "ended.$rank" 2>/dev/null) || code="unknown"
        if [ "$code" != 0 ]; then
            words=$(last_words "worker.$rank.log" || last_words block.log)
            case $code in
                unknown) echo "node $rank: what watches over its keeper was killed; ${words:-it said nothing}" ;;
                *) echo "node $rank: its keeper ended with exit code $code; ${words:-it said nothing}" ;;
            esac
            return
        fi
        rank=$((rank + 1))
    done
}

# Whether its submission is under way: it can be found before anyone watches over it. For so many seconds, since the
# submission may have died; it waits less itself.
START_SECONDS=30
is_starting() {
    [ "$(($(uptime_seconds) - since))" -lt "$START_SECONDS" ] || return 1
    rank=0
    while [ "$rank" -lt "$nodes" ]; do
        [ -e "watch.$rank" ] || return 0
        rank=$((rank + 1))
    done
    return 1
}

# Prints state, seconds left (-1: no end) and message.
describe() {
    read -r nodes walltime stop since born <limits
    : "$stop"
    left=-1
    if [ "$walltime" -gt 0 ]; then
        left=$((walltime - $(uptime_seconds) + since))
        [ "$left" -ge 0 ] || left=0
    fi
    if [ "$born" != "$(boot)" ]; then
        printf 'ended\t0\tthe machine was started anew\n'
    elif is_starting || any_watcher_lives; then
        printf 'running\t%s\t\n' "$left"
    elif [ -n "$(carriers)" ]; then
        # Nobody watches over them any more, so nobody would end them.
        start_end
        printf 'running\t%s\tits keepers are gone; what they left is being ended\n' "$left"
    elif [ -e cancelled ]; then
        printf 'ended\t0\tcancelled\n'
    elif [ -e walltime ]; then
        printf 'ended\t0\tits walltime was over\n'
    else
        words=$(trouble "$nodes")
        if [ -z "$words" ]; then
            printf 'ended\t0\t\n'
        else
            printf 'failed\t0\t%s\n' "$words"
        fi
    fi
}

# Enters the directory of a block; fails when there is no such block (any more).
enter() {
    # An id is a name of ours with two numbers: nothing else may become a path.
    case $2 in */* | .* | "") return 1 ;; esac
    name=${2%.*.*}
    go_into "$1/$name" || return 1
    [ "$2" = "$name.0.0" ] || [ "$2" = "$(id_of_block)" ]
}

poll() {
    root=$1
    shift
    for id in "$@"; do
        (enter "$root" "$id" && printf '%s\t%s\n' "$id" "$(describe)")
    done
    return 0
}

cancel() {
    root=$1
    shift
    for id in "$@"; do
        (enter "$root" "$id" && { note cancelled; any_watcher_lives || [ -n "$(carriers)" ]; } && start_end)
    done
    return 0
}

# Fails rather than leave one out: of a block that is not found, the daemon believes that it was never submitted. One by
# one, since the paths of ten thousand are too long for a command.
find_blocks() {
    root=$1
    shift
    [ -r "$root" ] || fail "can't read $root"
    for dir in "$root"/*/; do
        [ -e "${dir}token" ] || continue
        if ! { read -r held <"${dir}token"; } 2>/dev/null; then
            [ -e "${dir}token" ] || continue
            fail "can't read ${dir}token"
        fi
        case " $* " in
            *" $held "*) (cd "$dir" && printf '%s\t%s\n' "$held" "$(id_of_block)") || fail "can't enter $dir" ;;
        esac
    done
    return 0
}

[ -r /proc/self/environ ] || fail "there is no /proc here"
[ "$#" -ge 2 ] || fail "usage: submit|poll|cancel|find ..."
verb=$1
shift
case $verb in
    submit | watch | end | poll | cancel) "$verb" "$@" ;;
    find) find_blocks "$@" ;;
    *) fail "there is no '$verb'" ;;
esac
