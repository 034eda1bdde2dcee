# Every answer is framed by a word the runner made up, so that whatever a login shell prints before or after is not taken for it.

main() { # root command …
  ROOT=$1
  BASE=$ROOT/.beamline
  command=$2
  shift 2
  # Called from within .beamline, which was looked at; what is started from here on is elsewhere.
  case $0 in ./agent-*) SELF=$BASE/${0#./} && { cd "${HOME:-/}" 2>/dev/null || cd /; } ;; esac
  case $command in
    observe | hold | nonces | inspect | inspect_embedded | dry_run | code | verify | submit | recover | had | put)
      frame=$1
      shift
      printf '\n%s begin\n' "$frame"
      exit_code=0
      "$command" "$@" || exit_code=$?
      printf '\n%s end %s\n' "$frame" "$exit_code"
      ;;
    *) "$command" "$@" ;;
  esac
}
