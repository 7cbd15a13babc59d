#!/bin/sh
# preflight.sh PYTHON: can an environment be made here? Says why not in one sentence.
set -u
python=$1
needed_megabytes=3000

fail() {
  echo "$1" >&2
  exit 1
}

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
  fail "CS Portal needs Python 3.11 and \`$python\` cannot be run: install Python 3.11, or name it with make run PYTHON=/path/to/python3.11."
[ "$version" = "3.11" ] ||
  fail "CS Portal needs Python 3.11 and \`$python\` is Python $version: install 3.11, or name it with make run PYTHON=/path/to/python3.11."
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
  fail "\`$python\` has no venv module: install it (on Debian and Ubuntu: apt-get install python3.11-venv)."
free=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free" -ge "$needed_megabytes" ] ||
  fail "This disk has only $free MB left and the environment needs $needed_megabytes MB: free some space and try again."
[ -w . ] || fail "This folder cannot be written to, and the environment is made in it: change its owner or clone elsewhere."
