# Every answer is framed by a word the runner made up, so that whatever a login shell prints before or after is not taken for it.

main() { # root command …
  ROOT=$1
  BASE=$ROOT/.beamline
  command=$2
  shift 2
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
