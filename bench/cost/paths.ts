/** Where the counted issuer answers with its tallies. */
export const TALLIES_PATH = '/bench/tallies';
/** Takes a batch of records as the service binding of a gateway does. */
export const RECORDS_PATH = '/bench/records';
/** Makes the objects of `workflow`s, as their first records do. */
export const OBJECTS_PATH = '/bench/objects';
/**
 * Moves the clock by `seconds`, and then runs the alarms of `workflow`s, `log`s and the `index`.
 */
export const WAKE_PATH = '/bench/wake';
