# SPDX-License-Identifier: Apache-2.0
# The guard of one program: run by GuardedProcess as `sh -c`, in a session of its own.
#
#   $1   the mark: a variable that only this program's processes have in their environment
#   $2   the file that takes the program's output
#   $3.. the program and its arguments
#
# Standard input carries orders, one a line; each is answered by a line on standard output. Its end
# is the order to kill everything: it comes with close(), and with the death of the JVM however it
# died. The first line on standard output is the program's pid; the exit status is the program's.
#
# Whoever belongs to the program is told by the mark and not by the process group, because daemons
# (epmd) and helpers (Erlang's ports) leave the group, but keep the environment.

mark=$1 output=$2
shift 2

marked() {
  grep -lsF -e "$mark" /proc/[0-9]*/environ | tr -c '0-9\n' ' '
}

# Signals everyone, and again until nobody new has appeared in between.
signal_all() {
  before=
  while now=$(marked) && [ "$now" != "$before" ]; do
    kill -s "$1" $now 2>/dev/null
    before=$now
  done
}

kill_all() {
  while left=$(marked) && [ -n "$left" ]; do
    kill -s KILL $left 2>/dev/null
    sleep 0.01
  done
}

obey() {
  # Not before a search of /proc has ended: it has the program's environment and would outlive us.
  trap 'exit 0' TERM
  trap ':' PIPE
  while read -r order; do
    case $order in
      freeze) signal_all STOP ;;
      thaw) signal_all CONT ;;
      terminate) kill -s TERM "$program" 2>/dev/null ;;
    esac
    echo "$order" >&4
  done
  # By pid too: the program may not have reached its exec, and so its mark, yet.
  kill -s KILL "$program" 2>/dev/null
  kill_all
}

exec 3<&0 4>&1 1>&2 </dev/null
env "$mark=1" setsid "$@" >>"$output" 2>&1 3<&- 4>&- &
program=$!
echo "$program" >&4
obey <&3 &
reader=$!
exec 3<&- 4>&-

wait "$program"
status=$?
kill -s TERM "$reader" 2>/dev/null
wait "$reader" 2>/dev/null # nor a word of the shell's own, in the program's output, on how it ended
kill_all
exit "$status"
