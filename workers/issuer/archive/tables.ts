import { blob, integer, table, text } from '../platform/table.ts';

export const objectTable = table('object', {
  path: text('The path below the log.'),
  etag: text('Changes with every write of the path.'),
  bytes: integer('The length of the whole.'),
});

export const partTable = table('part', {
  path: text('The path below the log.'),
  n: integer('The position of this part in the whole.'),
  content: blob('At most 1 MiB: a row of SQLite holds two.'),
});
