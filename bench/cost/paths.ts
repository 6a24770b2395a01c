/** Where the counted issuer answers with its tallies. */
export const TALLIES_PATH = '/bench/tallies';
/** Takes a batch of records as the service binding of a gateway does. */
export const RECORDS_PATH = '/bench/records';
/** Moves the clock by `seconds`, and then runs the alarms of the logs and of `workflow`s. */
export const WAKE_PATH = '/bench/wake';
