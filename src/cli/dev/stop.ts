const PARENT_POLL_MILLISECONDS = 500;

/**
 * Returns a signal that is aborted by the first Ctrl-C or SIGTERM, or when npm, which started this
 * process, has ended. A second Ctrl-C ends the process at once.
 *
 * The listeners stay. Without one, the runtime's own signal handler would end the process before
 * anything is closed.
 */
export function stopSignal(onStop: () => void): AbortSignal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    onStop();
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // npm sends a SIGTERM to the shell between us, which exits without passing it on.
  const parent = process.ppid;
  const orphaned = () => process.ppid !== parent && !stop.signal.aborted;
  if (process.env.npm_execpath !== undefined) {
    setInterval(() => orphaned() && onSignal(), PARENT_POLL_MILLISECONDS).unref();
  }
  return stop.signal;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined));
  });
}
