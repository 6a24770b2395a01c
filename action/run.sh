#!/usr/bin/env bash
# Runs `hewn run` with the inputs of the action. Each input is one argument: no text is evaluated.
set -euo pipefail

fail() {
  echo "::error::$1"
  exit 2
}

if [[ "$INPUT_IDENTITY" == github* && -z "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]]; then
  fail 'The job cannot prove who it is: give it "permissions: id-token: write".'
fi

command=()
while IFS= read -r line; do
  line="${line%$'\r'}"
  if [[ -n "$line" ]]; then command+=("$line"); fi
done <<<"$INPUT_COMMAND"
if [[ ${#command[@]} -eq 0 ]]; then fail 'The input "command" is empty.'; fi

summary="${RUNNER_TEMP:-/tmp}/hewn-summary-${GITHUB_RUN_ID:-0}-$$.json"
flags=(--identity "$INPUT_IDENTITY" --step-up "$INPUT_STEP_UP" --summary "$summary")
for name in PROFILE TASK GRANTS ENV ISSUER AUDIENCE USER; do
  variable="INPUT_$name"
  if [[ -n "${!variable}" ]]; then flags+=("--${name,,}" "${!variable}"); fi
done

if [[ -n "$INPUT_HEWN" ]]; then
  hewn=(npx --yes --package "$INPUT_HEWN" hewn)
else
  hewn=(npx --no-install hewn)
fi
if [[ -n "${GITHUB_OUTPUT:-}" ]]; then echo "summary=$summary" >>"$GITHUB_OUTPUT"; fi

# The agent has no use for the inputs.
for variable in "${!INPUT_@}"; do unset "$variable"; done
# In place of this shell, so that the runner's signals reach it.
exec "${hewn[@]}" run "${flags[@]}" -- "${command[@]}"
